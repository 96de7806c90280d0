// What is never treated automatically, whatever a detector says: a false alarm here would break the machine or ourselves.
// A record of the package manager can prevent an act; it never makes a file trusted.
import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { release } from 'node:os'
import { join } from 'node:path'

/** `md5` is asked for only when the package manager has a record of the path. */
export interface GuardedFile {
  /** Absolute path without links, as it was walked. */
  readonly path: Buffer
  readonly md5: () => Promise<string>
}

export interface Guard {
  /** Why this file is never treated automatically, or undefined. */
  check(file: GuardedFile): Promise<string | undefined>
}

export interface GuardOptions {
  /** Folders of our own installation: program, project, runtime. */
  readonly installation: readonly string[]
  /** Data folders of the app and the portal. */
  readonly dataDirs: readonly string[]
  /** Where /var/lib/dpkg/info is found; tests give their own root. Default `/`. */
  readonly root?: string
  /** Release of the running kernel; default the machine's. */
  readonly kernelRelease?: string
}

/** Builds the guard. Data folders may be made or linked elsewhere later: they are looked up at each check. */
export function createGuard(options: GuardOptions): Guard {
  const installation = [...options.installation, process.execPath].map(realPath)
  const packages = join(options.root ?? '/', 'var/lib/dpkg/info')
  const modules = ['/lib/modules', '/usr/lib/modules'].map((dir) =>
    Buffer.from(`${dir}/${options.kernelRelease ?? release()}`),
  )
  return {
    check: async ({ path, md5 }) => {
      if (within(path, systemFolders) && !within(path, [sharedMemory])) return 'system-folder'
      if (within(path, [boot]) || within(path, modules)) return 'kernel'
      if (isLoader(path)) return 'system-library'
      if (within(path, installation)) return 'own-installation'
      if (within(path, options.dataDirs.map(realPath))) return 'own-data'
      return (await isPackaged(path, packages, md5)) ? 'package-file' : undefined
    },
  }
}

const systemFolders = ['/proc', '/sys', '/dev'].map((path) => Buffer.from(path))
/** A temp folder for everybody, although it lies under /dev. */
const sharedMemory = Buffer.from('/dev/shm')
const boot = Buffer.from('/boot')

/** True when a path is one of these folders or lies below one. */
export function within(path: Buffer, folders: readonly Buffer[]): boolean {
  return folders.some((folder) => {
    const sameStart = path.length >= folder.length && path.subarray(0, folder.length).equals(folder)
    return sameStart && (path.length === folder.length || path[folder.length] === 0x2f)
  })
}

/** The C library and the program loader: without them nothing starts any more. */
function isLoader(path: Buffer): boolean {
  return /^\/(usr\/)?lib(32|64|x32)?\/([^/]+\/)?(ld-linux[^/]*|ld-musl[^/]*|ld-[0-9.]+|ld|libc|libc-[0-9.]+|libc\.musl[^/]*)\.so(\.[0-9]+)*$/.test(
    path.toString('latin1'),
  )
}

function realPath(path: string): Buffer {
  try {
    return realpathSync(path, { encoding: 'buffer' })
  } catch {
    return Buffer.from(path)
  }
}

/** True when a package's record names this path with this very content. */
async function isPackaged(path: Buffer, folder: string, md5: () => Promise<string>): Promise<boolean> {
  const recorded = recordedSums(path, folder)
  if (recorded.length === 0) return false
  return recorded.includes(await md5())
}

function recordedSums(path: Buffer, folder: string): string[] {
  const names = namesInRecords(path)
  // Only packages' usual places are looked up: reading thousands of records for each file at home would be wasted.
  if (names.length === 0) return []
  return recordFiles(folder).flatMap((file) => sumsIn(readRecord(join(folder, file)), names))
}

/** `usr/bin/x` and, since the folders were merged, `bin/x` name the same file. Lines are `md5  path`. */
function namesInRecords(path: Buffer): Buffer[] {
  const text = path.subarray(1)
  if (!/^(usr|bin|sbin|lib|lib32|lib64|libx32|opt|etc|var\/lib|srv)\//.test(text.toString('latin1'))) return []
  const names = [text]
  if (text.subarray(0, 4).equals(Buffer.from('usr/'))) names.push(text.subarray(4))
  return names.map((name) => Buffer.concat([Buffer.from('  '), name, Buffer.from('\n')]))
}

function sumsIn(record: Buffer, names: readonly Buffer[]): string[] {
  return names.flatMap((name) => {
    const at = record.indexOf(name)
    return at < 32 ? [] : [record.toString('latin1', at - 32, at)]
  })
}

function recordFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.md5sums'))
  } catch {
    // No dpkg on this machine.
    return []
  }
}

function readRecord(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch {
    return Buffer.alloc(0)
  }
}
