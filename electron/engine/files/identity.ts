// Who a file is: the stat fields and the hash that an act on it re-checks first.
// Never reads a file; the caller hashes what it opened and passes the stat of that very descriptor.
import type { BigIntStats } from 'node:fs'
import type { FileIdentity } from '#shared/domain/object-report.ts'

/** Identity from the fstat of the descriptor that was hashed. Times in ns since the epoch; `sha256` in lower-case hex. */
export function identityOf(stat: BigIntStats, sha256: string): FileIdentity {
  return {
    dev: stat.dev.toString(),
    ino: stat.ino.toString(),
    size: Number(stat.size),
    mtimeNs: notBeforeEpoch(stat.mtimeNs),
    ctimeNs: notBeforeEpoch(stat.ctimeNs),
    birthtimeNs: notBeforeEpoch(stat.birthtimeNs),
    nlink: Math.max(1, Number(stat.nlink)),
    sha256,
  }
}

/**
 * True when the stat still describes the file of this identity: same inode, size, mtime and ctime.
 * ctime moves with every rename, link and chmod, so after an own rename compare `sameContentStamp` and the hash instead.
 */
export function sameFile(identity: FileIdentity, stat: BigIntStats): boolean {
  return (
    sameInode(identity, stat) && sameContentStamp(identity, stat) && identity.ctimeNs === notBeforeEpoch(stat.ctimeNs)
  )
}

/** True when device and inode number are those of the identity. Inode numbers are reused: never enough alone. */
export function sameInode(identity: Pick<FileIdentity, 'dev' | 'ino'>, stat: BigIntStats): boolean {
  return identity.dev === stat.dev.toString() && identity.ino === stat.ino.toString()
}

/** True when size and mtime are those of the identity: what an own rename leaves alone. */
export function sameContentStamp(identity: FileIdentity, stat: BigIntStats): boolean {
  return identity.size === Number(stat.size) && identity.mtimeNs === notBeforeEpoch(stat.mtimeNs)
}

/**
 * True when the file was made when the identity's was, or nobody can tell: an inode number that was given to another file.
 * Where the file system keeps no birth time, it is 0 or repeats ctime, which moves with our own renames.
 */
export function sameBirth(identity: FileIdentity, stat: BigIntStats): boolean {
  const born = notBeforeEpoch(stat.birthtimeNs)
  if (born === '0' || identity.birthtimeNs === '0') return true
  const isCtime = stat.birthtimeNs === stat.ctimeNs && identity.birthtimeNs === identity.ctimeNs
  return isCtime || born === identity.birthtimeNs
}

/** True when the file system keeps times of birth, and the file was made when the identity's was. */
export function provenBirth(identity: FileIdentity, stat: BigIntStats): boolean {
  const born = notBeforeEpoch(stat.birthtimeNs)
  return born !== '0' && stat.birthtimeNs !== stat.ctimeNs && born === identity.birthtimeNs
}

/** Times before 1970 exist on disk but not in the wire form: they count as 0. */
function notBeforeEpoch(ns: bigint): string {
  return ns < 0n ? '0' : ns.toString()
}
