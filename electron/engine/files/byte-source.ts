// A content whose bytes are had by their place: a buffer, or something that need not fit into memory.
// Owns what every reader of such a content needs; never opens anything, never writes.

/** Bytes that are somebody's until they are given back. */
export interface LentBytes {
  readonly bytes: Buffer
  giveBack(): void
}

export interface ByteSource {
  readonly size: number
  /** Up to `length` bytes from `at` on, fewer only at the end. They stay as they are: for what is small. */
  read(at: number, length: number): Buffer
  /** The same for a content of its own. */
  lend(at: number, length: number): LentBytes
}

/** Its bytes are never copied. */
export function sourceOfBuffer(bytes: Buffer): ByteSource {
  const read = (at: number, length: number): Buffer => bytes.subarray(Math.max(0, at), Math.max(0, at) + length)
  return { size: bytes.length, read, lend: (at, length) => ({ bytes: read(at, length), giveBack: () => {} }) }
}

/** What is in memory as a whole is a source too. */
export type Content = Buffer | ByteSource

export function sourceOf(content: Content): ByteSource {
  return Buffer.isBuffer(content) ? sourceOfBuffer(content) : content
}

/** The ends of a content that went by: `tail` ends where it does. What lies between them cannot be read any more. */
export function sourceOfEnds(head: Buffer, tail: Buffer, size: number): ByteSource {
  const tailAt = size - tail.length
  const read = (at: number, length: number): Buffer =>
    at >= tailAt ? tail.subarray(at - tailAt, at - tailAt + length) : head.subarray(at, at + Math.max(0, length))
  return { size, read, lend: (at, length) => ({ bytes: read(at, length), giveBack: () => {} }) }
}

/** At once in memory when a source is gone through. */
const pieceBytes = 256 * 1024

/** The bytes from `from` to before `to` (or the end), in pieces that stay as they are. */
export function* piecesOf(source: ByteSource, from: number, to: number): Generator<Buffer> {
  for (let at = from; at < to; ) {
    const piece = source.read(at, Math.min(pieceBytes, to - at))
    if (piece.length === 0) return
    yield piece
    at += piece.length
  }
}

const firstPieceBytes = 4096

/** Where `mark` stands first at or behind `from` and wholly before `end`; -1 when it does not. */
export function findMark(source: ByteSource, mark: Buffer, from: number, end = source.size): number {
  // It is near in most cases: pieces begin small and grow.
  let length = firstPieceBytes
  for (let at = from; at + mark.length <= end; at += length - mark.length + 1) {
    length = Math.min(length * 2, pieceBytes)
    const piece = source.read(at, Math.min(length, end - at))
    const found = piece.indexOf(mark)
    if (found !== -1) return at + found
    if (piece.length < mark.length) return -1
  }
  return -1
}
