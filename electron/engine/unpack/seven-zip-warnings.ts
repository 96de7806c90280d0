// What 7-Zip only warns of although a part of the archive was not opened: it goes on behind what it cannot read, or stops
// there, and calls the rest "data after the end". Read from its output; an archive's own comment can only add a gap.
// Never decides about errors: those have an exit code.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Format } from '../identify/identify.ts'
import type { UnpackInput } from './unpacker.ts'

/** Bytes behind the archive; zeros before them may be its padding or the beginning of an image of a disc. */
export function tailOf(lines: readonly string[], bytes: Buffer): Buffer {
  const sizes = lines.map((line) => Number(/^Tail Size = (\d{1,15})$/.exec(line)?.[1] ?? 0))
  const size = Math.min(bytes.length, Math.max(0, ...sizes))
  if (size === 0) return bytes.subarray(bytes.length)
  let start = bytes.length - size
  for (const least = start - mostZeros; start > 1 && start > least && bytes[start - 1] === 0; ) start -= 1
  return bytes.subarray(start)
}

const mostZeros = 32 * 1024

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
  // Zeros fill up a block.
  if (tail.every((byte) => byte === 0)) return null
  return !hasMembers || !hasEnd(format, bytes.subarray(0, bytes.length - tail.length)) ? 'corrupt' : null
}

/** False where members follow each other up to an end mark and this mark is not there: what follows was a member. */
function hasEnd(format: Format, archive: Buffer): boolean {
  if (format === 'cpio') return archive.subarray(-600).includes('TRAILER!!!')
  // Of these 7-Zip counts the header that it could not read as one of the archive.
  return format !== 'lzh'
}
