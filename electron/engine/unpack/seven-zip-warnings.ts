// What 7-Zip only warns of although a part of the archive was not opened: it goes on behind what it cannot read, or stops
// there, and calls the rest "data after the end". Read from its output; an archive's own comment can only add a gap.
// Never decides about errors: those have an exit code.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { type Format, identify } from '../identify/identify.ts'
import type { UnpackInput } from './unpacker.ts'

const openable: ReadonlySet<Format> = new Set<Format>([
  'zip',
  'gz',
  '7z',
  'rar',
  'cab',
  'xz',
  'bz2',
  'zst',
  'cpio',
  'tar',
])

/** Bytes behind the archive, without the zeros that fill up a block before them; empty when nothing else is there. */
export function tailOf(lines: readonly string[], bytes: Buffer): Buffer {
  const sizes = lines.map((line) => Number(/^Tail Size = (\d{1,15})$/.exec(line)?.[1] ?? 0))
  const tail = bytes.subarray(bytes.length - Math.min(bytes.length, Math.max(0, ...sizes)))
  const first = tail.findIndex((byte) => byte !== 0)
  return first === -1 ? tail.subarray(tail.length) : tail.subarray(first)
}

/** True for a tail that is an archive itself, such as the second half of a Linux start-up image. */
export function isArchive(tail: Buffer): boolean {
  return openable.has(identify(tail))
}

/** Why not all of an archive was opened that 7-Zip calls fine; null when there is no reason to think so. */
export function warnedGap(
  lines: readonly string[],
  { bytes, format }: Pick<UnpackInput, 'bytes' | 'format'>,
  hasMembers: boolean,
): NotScannedReason | null {
  const has = (text: RegExp): boolean => lines.some((line) => text.test(line))
  if (has(/^Unsupported feature$/)) return 'unsupported'
  if (has(/^XML error$/) || has(/^The archive is open with offset$/)) return 'corrupt'
  // No cabinet holds nothing, and none a folder: Windows unpacks a file that says it is one all the same.
  if (format === 'cab' && (!hasMembers || has(/^Folders: [1-9]/))) return 'corrupt'
  const tail = tailOf(lines, bytes)
  if (tail.length === 0) return null
  return !hasMembers || !hasEnd(format, bytes.subarray(0, bytes.length - tail.length)) ? 'corrupt' : null
}

/** False where members follow each other up to an end mark and this mark is not there: what follows was a member. */
function hasEnd(format: Format, archive: Buffer): boolean {
  if (format === 'cpio') return archive.subarray(-600).includes('TRAILER!!!')
  // Of these 7-Zip counts the header that it could not read as one of the archive.
  return format !== 'lzh'
}
