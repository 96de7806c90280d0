// Knows a folder again: that a name is not in it says something only where it is the very folder, on the volume it was on.
// Never changes anything.
import type { BigIntStats } from 'node:fs'
import type { FolderMark } from '#shared/files/treatment-lines.ts'
import { errnoOf } from '../files/fs-errors.ts'

export function markOf({ dev, ino, birthtimeNs }: BigIntStats): FolderMark {
  return { dev: `${dev}`, ino: `${ino}`, birthtimeNs: `${birthtimeNs < 0n ? 0n : birthtimeNs}` }
}

/** Volumes get other device numbers at a restart: the inode and its birth tell, and the device where no birth is kept. */
export function isMarked(mark: FolderMark, stat: BigIntStats): boolean {
  if (mark.ino !== `${stat.ino}`) return false
  if (mark.birthtimeNs !== '0' && mark.birthtimeNs === `${stat.birthtimeNs}`) return true
  // Without one it is 0, or repeats ctime, which moves with every name.
  const isBirthKept = mark.birthtimeNs !== '0' && stat.birthtimeNs > 0n && stat.birthtimeNs !== stat.ctimeNs
  return !isBirthKept && mark.dev === `${stat.dev}`
}

/** True for an errno error that says that there is no such folder. */
export function isNoFolder(error: unknown): boolean {
  return errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR'
}
