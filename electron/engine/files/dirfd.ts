// Folders held open by descriptor and names used relative to them, so that no link on the way can redirect an act.
// Owns the walk of /proc/self/fd/N/part. Never follows a link, never resolves `..`, never decides what may be touched.
import {
  type BigIntStats,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import { errnoOf } from './fs-errors.ts'
import { type LinuxCalls, linuxCalls } from './linux-calls.ts'

/** Linux's O_PATH: a handle of a place, without the right to read it. Not in node:fs. */
const O_PATH = 0o10000000
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const newFlags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
const slash = 0x2f

/** The system's call for a rename that replaces nothing; null: do without. */
export type RenameCalls = Pick<LinuxCalls, 'renameNoReplace'> | null

/** An open folder. Every method throws node's errno errors; `close` may be called twice. */
export class Folder {
  readonly #fd: number
  #open = true

  private constructor(fd: number) {
    this.#fd = fd
  }

  /**
   * Opens an absolute folder part by part. A link on the way is ENOTDIR; `..` and relative paths are ProductError `bad-path`.
   * ProductError `unsupported` on systems where a folder cannot be held like this.
   */
  static open(path: Buffer): Folder {
    if (process.platform !== 'linux') throw new ProductError('unsupported', process.platform)
    let folder = new Folder(openSync('/', folderFlags))
    try {
      for (const part of partsOf(path)) {
        const next = folder.openFolder(part)
        folder.close()
        folder = next
      }
      return folder
    } catch (error) {
      folder.close()
      throw error
    }
  }

  openFolder(name: Buffer): Folder {
    return new Folder(openSync(this.#at(name), folderFlags))
  }

  /** Opens for reading, never through a link and never blocking on a FIFO. The caller closes the descriptor. */
  openFile(name: Buffer): number {
    try {
      return openSync(this.#at(name), fileFlags | constants.O_NOATIME)
    } catch (error) {
      // Only the owner and root may leave the time of the last reading as it is.
      if (errnoOf(error) !== 'EPERM') throw error
    }
    return openSync(this.#at(name), fileFlags)
  }

  /** Makes a new file for writing and reading; fails with EEXIST when the name is taken, even by a link. */
  createFile(name: Buffer, mode = 0o600): number {
    return openSync(this.#at(name), newFlags, mode)
  }

  /** Makes the folder with mode 0700 unless the name is taken, and opens it without following a link. */
  ensureFolder(name: Buffer): Folder {
    try {
      mkdirSync(this.#at(name), 0o700)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
    return this.openFolder(name)
  }

  lstat(name: Buffer): BigIntStats {
    return lstatSync(this.#at(name), { bigint: true })
  }

  /** Undefined when the name does not exist. */
  lstatIfThere(name: Buffer): BigIntStats | undefined {
    return lstatSync(this.#at(name), { bigint: true, throwIfNoEntry: false })
  }

  /** Replaces what has the new name: use only for names of our own. */
  rename(name: Buffer, to: Folder, newName: Buffer): void {
    renameSync(this.#at(name), to.#at(newName))
  }

  /**
   * Gives a file a name that must be free. False when it is taken, even by a link: then nothing was done. One call of the
   * system where there is one (`calls`); else a second name that fails when it is taken, and the first one goes.
   */
  renameToFree(name: Buffer, to: Folder, newName: Buffer, calls: RenameCalls = linuxCalls() ?? null): boolean {
    try {
      if (calls !== null) {
        calls.renameNoReplace(this.#place(name), to.#place(newName))
        return true
      }
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'EEXIST') return this.#isThereAlready(name, to, newName)
      if (errno !== 'EINVAL' && errno !== 'ENOSYS') throw error
    }
    return this.#linkToFree(name, to, newName)
  }

  /**
   * Two names change their files in one step; neither is ever missing. False where the system or the file system cannot:
   * then nothing was done.
   */
  exchange(name: Buffer, other: Buffer): boolean {
    const calls = linuxCalls()
    try {
      calls?.exchange(this.#place(name), this.#place(other))
      return calls !== undefined
    } catch (error) {
      const errno = errnoOf(error)
      if (errno !== 'EINVAL' && errno !== 'ENOSYS') throw error
      return false
    }
  }

  /** Makes a symbolic link; fails with EEXIST when the name is taken. */
  symlink(target: Buffer, name: Buffer): void {
    symlinkSync(target, this.#at(name))
  }

  /** The owner of the folder itself. */
  chown(uid: number, gid: number): void {
    chownSync(`/proc/self/fd/${this.#usable()}`, uid, gid)
  }

  /** Adds a second name; fails with EEXIST when that name is taken. */
  link(name: Buffer, to: Folder, newName: Buffer): void {
    linkSync(this.#at(name), to.#at(newName))
  }

  /** What a link says, without going there. */
  readLink(name: Buffer): Buffer {
    return readlinkSync(this.#at(name), { encoding: 'buffer' })
  }

  unlink(name: Buffer): void {
    unlinkSync(this.#at(name))
  }

  /** Removes an empty folder. */
  removeFolder(name: Buffer): void {
    rmdirSync(this.#at(name))
  }

  stat(): BigIntStats {
    return fstatSync(this.#fd, { bigint: true })
  }

  /** A descriptor that the folder can be read and asked through. The caller closes it. */
  openForReading(): number {
    return openSync(`/proc/self/fd/${this.#usable()}/.`, constants.O_RDONLY | constants.O_DIRECTORY)
  }

  /** Number of the mount that this folder was reached through; undefined where the system does not tell. */
  mountId(): number | undefined {
    const id = /^mnt_id:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${this.#usable()}`, 'latin1'))?.[1]
    return id === undefined ? undefined : Number(id)
  }

  /** A path of a name in this very folder, whatever its own path leads to by now. Good until `close`. */
  pathOf(name: Buffer): Buffer {
    return this.#at(name)
  }

  /** Puts the names of this folder on disk. A folder that may not be read cannot be synced; that is no failure. */
  sync(): void {
    let fd: number | undefined
    try {
      fd = this.openForReading()
      fsyncSync(fd)
    } catch (error) {
      const errno = errnoOf(error)
      if (errno !== 'EACCES' && errno !== 'EINVAL' && errno !== 'EROFS') throw error
    } finally {
      if (fd !== undefined) closeSync(fd)
    }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.#fd)
  }

  #linkToFree(name: Buffer, to: Folder, newName: Buffer): boolean {
    try {
      this.link(name, to, newName)
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'EEXIST') return this.#isThereAlready(name, to, newName)
      if (errno !== 'EPERM' && errno !== 'EOPNOTSUPP' && errno !== 'EMLINK') throw error
      // A file system without hard links: a rename, with a check just before it.
      if (to.lstatIfThere(newName) !== undefined) return false
      this.rename(name, to, newName)
      return true
    }
    this.unlink(name)
    return true
  }

  /** A crash between the second name and the end of the first leaves the file with both. */
  #isThereAlready(name: Buffer, to: Folder, newName: Buffer): boolean {
    const [from, there] = [this.lstat(name), to.lstatIfThere(newName)]
    if (there === undefined || from.ino !== there.ino || from.dev !== there.dev) return false
    this.unlink(name)
    return true
  }

  #at(name: Buffer): Buffer {
    return Buffer.concat([Buffer.from(`/proc/self/fd/${this.#usable()}/`), checkedName(name)])
  }

  #place(name: Buffer): { readonly fd: number; readonly name: Buffer } {
    return { fd: this.#usable(), name: checkedName(name) }
  }

  #usable(): number {
    // A closed number may belong to another file by now.
    if (!this.#open) throw new Error('folder handle used after close')
    return this.#fd
  }
}

/** The parts of an absolute path. Throws ProductError `bad-path` for a relative one, NUL or `..`. */
export function partsOf(path: Buffer): Buffer[] {
  if (path[0] !== slash || path.includes(0)) throw new ProductError('bad-path')
  const parts: Buffer[] = []
  let from = 1
  while (from <= path.length) {
    const found = path.indexOf(slash, from)
    const to = found === -1 ? path.length : found
    const part = path.subarray(from, to)
    if (part.equals(Buffer.from('..'))) throw new ProductError('bad-path')
    if (part.length > 0 && !part.equals(Buffer.from('.'))) parts.push(part)
    from = to + 1
  }
  return parts
}

/** Splits an absolute path into its folder and its last part. Throws ProductError `bad-path` for the root. */
export function splitPath(path: Buffer): { readonly folder: Buffer; readonly name: Buffer } {
  const parts = partsOf(path)
  const name = parts.pop()
  if (name === undefined) throw new ProductError('bad-path')
  return { folder: joinParts(parts), name }
}

/** The absolute path of these parts. */
export function joinParts(parts: readonly Buffer[]): Buffer {
  if (parts.length === 0) return Buffer.from('/')
  return Buffer.concat(parts.flatMap((part) => [Buffer.from('/'), part]))
}

/** Opens the folder a path lies in, acts, and closes it whatever happens. */
export async function withParent<T>(path: Buffer, act: (folder: Folder, name: Buffer) => Promise<T> | T): Promise<T> {
  const { folder, name } = splitPath(path)
  const handle = Folder.open(folder)
  try {
    return await act(handle, name)
  } finally {
    handle.close()
  }
}

function checkedName(name: Buffer): Buffer {
  const isPath = name.length === 0 || name.includes(0) || name.includes(slash)
  if (isPath || isDots(name)) throw new ProductError('bad-path')
  return name
}

function isDots(name: Buffer): boolean {
  return name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'))
}
