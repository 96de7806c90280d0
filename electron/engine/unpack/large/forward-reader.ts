// A content that is read once, from its start on: by place where it has places, else as it comes out of something.
// Owns the position in it; never looks at what the bytes are.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { ByteSource, LentBytes } from '../../files/byte-source.ts'

export interface ForwardReader {
  /** Bytes passed so far. */
  readonly at: number
  /** The next bytes, fewer only at the end; they stay as they are. For what is small. */
  take(length: number): Buffer | Promise<Buffer>
  /** The next bytes as a content of its own. */
  lend(length: number): LentBytes | Promise<LentBytes>
  skip(length: number): Promise<void>
  /** The next bytes in pieces. */
  pieces(length: number): AsyncGenerator<Buffer>
  /** Why there is no more, where more was to be expected. */
  endReason(): NotScannedReason
}

export interface Stretch {
  readonly from: number
  readonly to: number
  /** Why it ends there. */
  readonly reason?: NotScannedReason
}

const pieceBytes = 256 * 1024

/** Reads a stretch of a source; without one, all of it. */
export function readerOf(
  source: ByteSource,
  { from, to, reason = 'truncated' }: Stretch = { from: 0, to: source.size },
): ForwardReader {
  let at = from
  const bounded = (length: number): number => Math.max(0, Math.min(length, to - at))
  const passed = <T extends { readonly length: number }>(bytes: T): T => {
    at += bytes.length
    return bytes
  }
  return {
    get at() {
      return at - from
    },
    take: (length) => passed(source.read(at, bounded(length))),
    lend: (length) => {
      const lent = source.lend(at, bounded(length))
      passed(lent.bytes)
      return lent
    },
    skip: async (length) => {
      at = Math.min(at + length, to)
    },
    pieces: async function* (length) {
      for (let left = length; left > 0; ) {
        const piece = passed(source.read(at, bounded(Math.min(left, pieceBytes))))
        if (piece.length === 0) return
        yield piece
        left -= piece.length
      }
    },
    endReason: () => reason,
  }
}
