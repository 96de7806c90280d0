// Whether a file may be remembered at all: whether the system would tell us of every later change of its content.
// Decides from numbers; asks the system only which file system a folder is on.
import { readFileSync } from 'node:fs'
import type { SeenFile } from './folder-record.ts'

/**
 * File systems of this machine's own disks whose kernel writes dirty pages back within 35 s and stamps the next change after
 * that. Not memory (never written back), not networks, FUSE or overlays (others change files behind them).
 */
const stampingTypes: ReadonlySet<string> = new Set(['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'f2fs', 'jfs', 'bcachefs'])

/**
 * A page that is dirty already can be changed through a shared mapping without any new time stamp. A minute after the last
 * stamp it has been written back, so that the next change gets one.
 */
const settleNs = 60_000_000_000n

/** True when the last change of the file lies long enough before it was read. False for a time in the future. */
export function isSettled({ ctimeNs, mtimeNs }: SeenFile, readAtMs: number): boolean {
  const limit = BigInt(Math.floor(readAtMs)) * 1_000_000n - settleNs
  return ctimeNs <= limit && mtimeNs <= limit
}

/** Types of the mounted file systems by mount point (bytes read as Latin-1). Empty where there is no such table. */
export type FileSystemTypes = ReadonlyMap<string, string>

export function readFileSystemTypes(file = '/proc/self/mountinfo'): FileSystemTypes {
  const types = new Map<string, string>()
  try {
    for (const line of readFileSync(file, 'latin1').split('\n')) {
      const [before = '', after = ''] = line.split(' - ')
      const point = before.split(' ')[4]
      const type = after.split(' ')[0]
      if (point !== undefined && type) types.set(unescaped(point), type)
    }
  } catch {
    return types
  }
  return types
}

/** Whether the file system that a folder (absolute path, Latin-1) lies on stamps every change. Unknown ones do not. */
export function isStamping(types: FileSystemTypes, folder: string): boolean {
  for (let prefix = folder; ; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))) {
    const type = types.get(prefix === '' ? '/' : prefix)
    if (type !== undefined) return stampingTypes.has(type)
    if (prefix === '') return false
  }
}

function unescaped(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
