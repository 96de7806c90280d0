// What is never treated automatically, whatever a detector says: a false alarm here would break the machine or ourselves.
// A record of a package manager can prevent an act; it never makes a file trusted.
import { realpathSync } from 'node:fs'
import { release } from 'node:os'
import type { ProtectedReason } from '#shared/domain/treatment.ts'
import { isEssential } from './essentials.ts'
import { dpkgRecord } from './packages/dpkg.ts'
import { isPackagePlace, type PackageRecord, type RecordedFile } from './packages/package-record.ts'
import { pacmanRecord } from './packages/pacman.ts'
import { rpmRecord } from './packages/rpm.ts'

/** Absolute path without links, as it was walked; digests are asked for only when a package manager has a record of the path. */
export type GuardedFile = RecordedFile

export interface Guard {
  /** Why this file is never treated automatically, or undefined. Throws ProductError `io-error` when a record cannot be asked. */
  check(file: GuardedFile): Promise<ProtectedReason | undefined>
}

export interface GuardOptions {
  /** Folders of our own installation: program, project, runtime. */
  readonly installation: readonly string[]
  /** Data folders of the app and the portal. */
  readonly dataDirs: readonly string[]
  /** Where the records of package managers are found; tests give their own root. Default `/`. */
  readonly root?: string
  /** Release of the running kernel; default the machine's. */
  readonly kernelRelease?: string
}

const records: readonly PackageRecord[] = [dpkgRecord, rpmRecord, pacmanRecord]

/** Builds the guard. Data folders may be made or linked elsewhere later: they are looked up at each check. */
export function createGuard(options: GuardOptions): Guard {
  const installation = [...options.installation, process.execPath].map(realPath)
  const root = options.root ?? '/'
  const modules = ['/lib/modules', '/usr/lib/modules'].map((dir) =>
    Buffer.from(`${dir}/${options.kernelRelease ?? release()}`),
  )
  return {
    check: async (file) => {
      const { path } = file
      if (within(path, systemFolders) && !within(path, [sharedMemory])) return 'system-folder'
      if (within(path, modules) || isKernel(path)) return 'kernel'
      if (within(path, boot)) return 'boot'
      if (isLoader(path)) return 'system-library'
      if (within(path, installation)) return 'own-installation'
      if (within(path, options.dataDirs.map(realPath))) return 'own-data'
      if (isEssential(path)) return 'essential'
      return (await isPackaged(root, file)) ? 'package-file' : undefined
    },
  }
}

const systemFolders = ['/proc', '/sys', '/dev'].map((path) => Buffer.from(path))
/** A temp folder for everybody, although it lies under /dev. */
const sharedMemory = Buffer.from('/dev/shm')
/** Boot loader, its settings, and the images that a machine starts from. */
const boot = ['/boot', '/efi'].map((path) => Buffer.from(path))

/** True when a path is one of these folders or lies below one. */
export function within(path: Buffer, folders: readonly Buffer[]): boolean {
  return folders.some((folder) => {
    const sameStart = path.length >= folder.length && path.subarray(0, folder.length).equals(folder)
    return sameStart && (path.length === folder.length || path[folder.length] === 0x2f)
  })
}

function isKernel(path: Buffer): boolean {
  return /^\/boot\/([^/]+\/)*(vmlinu[xz]|bzImage|kernel|Image|System\.map|config)(-[^/]*)?$/.test(
    path.toString('latin1'),
  )
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
async function isPackaged(root: string, file: RecordedFile): Promise<boolean> {
  if (!isPackagePlace(file.path)) return false
  for (const record of records) if (await record(root, file)) return true
  return false
}
