// Opens and reads files for scanning so that a hostile tree cannot harm: no links, no devices, no waiting.
// A content belongs to the very descriptor it was read from, and only if that did not change meanwhile.
import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readSync } from 'node:fs'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { errnoOf } from '../files/fs-errors.ts'

export interface OpenFile {
  readonly fd: number
  /** As it was when opened; times in ns. */
  readonly stat: BigIntStats
}

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const reasons: Readonly<Record<string, NotScannedReason>> = {
  ENOENT: 'vanished',
  ENOTDIR: 'vanished',
  ESTALE: 'vanished',
  EACCES: 'no-access',
  EPERM: 'no-access',
  ELOOP: 'special-file',
  ENXIO: 'special-file',
  ENODEV: 'special-file',
  EISDIR: 'special-file',
}

/** An open regular file, or why there is none. The caller closes it with `closeFile`. Never throws for what a file can do. */
export function openFile(path: Buffer): OpenFile | NotScannedReason {
  try {
    // Opening a device can have effects of its own; only a race gets past this, and then fstat stops it.
    if (!lstatSync(path).isFile()) return 'special-file'
    const fd = openQuietly(path)
    const stat = fstatSync(fd, { bigint: true })
    if (stat.isFile()) return { fd, stat }
    closeSync(fd)
    return 'special-file'
  } catch (error) {
    return reasonOf(error)
  }
}

export function closeFile({ fd }: OpenFile): void {
  closeSync(fd)
}

/** True while size, times and inode are those of the moment it was opened. */
export function isUnchanged({ fd, stat }: OpenFile): boolean {
  const now = fstatSync(fd, { bigint: true })
  return now.size === stat.size && now.mtimeNs === stat.mtimeNs && now.ctimeNs === stat.ctimeNs && now.ino === stat.ino
}

/** Up to `length` bytes at `position`; fewer only at the end of the file. */
export function readAt(fd: number, position: number, length: number): Buffer {
  return readInto(Buffer.allocUnsafe(length), fd, position)
}

/** Fills a buffer from `position` on; the part that was filled, less than all only at the end of the file. */
export function readInto(buffer: Buffer, fd: number, position: number): Buffer {
  const { length } = buffer
  let filled = 0
  while (filled < length) {
    const got = readSync(fd, buffer, filled, length - filled, position + filled)
    if (got === 0) break
    filled += got
  }
  return filled === length ? buffer : buffer.subarray(0, filled)
}

/** The closed reason for a file system error. What carries no errno is a bug and is thrown on. */
export function reasonOf(error: unknown): NotScannedReason {
  const errno = errnoOf(error)
  if (errno === undefined) throw error
  return reasons[errno] ?? 'io-error'
}

/** Without moving the access time where we may (own files, root). */
function openQuietly(path: Buffer): number {
  try {
    return openSync(path, flags | constants.O_NOATIME)
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error
    return openSync(path, flags)
  }
}
