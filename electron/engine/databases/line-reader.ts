// Reads a text file of any size in pieces and hands out its lines as bytes, without making a string of any of them.
// Knows nothing about what the lines say.
import { closeSync, openSync, readSync } from 'node:fs'

const pieceBytes = 1024 * 1024
const lineFeed = 0x0a

/** `[start, end)` of line number `line` in `bytes`, which are only valid during the call. */
export type VisitLine = (bytes: Buffer, start: number, end: number, line: number) => void

/** The content of a file, piece by piece. Each piece is valid only until the next one is asked for. */
export function* readPieces(path: string): Generator<Buffer> {
  const fd = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(pieceBytes)
    for (;;) {
      const got = readSync(fd, buffer, 0, pieceBytes, null)
      if (got === 0) return
      yield buffer.subarray(0, got)
    }
  } finally {
    closeSync(fd)
  }
}

/** Visits every line, also a last one that has no line feed. Empty lines are counted and visited like the others. */
export function eachLine(pieces: Iterable<Buffer>, visit: VisitLine): void {
  let line = 0
  /** Of a line that has begun: put together once, when its end is there. */
  let begun: Buffer[] = []
  for (const piece of pieces) {
    let start = 0
    let end = piece.indexOf(lineFeed)
    if (end !== -1 && begun.length > 0) {
      const whole = Buffer.concat([...begun, piece.subarray(0, end)])
      visit(whole, 0, whole.length, ++line)
      begun = []
      start = end + 1
      end = piece.indexOf(lineFeed, start)
    }
    for (; end !== -1; end = piece.indexOf(lineFeed, start)) {
      visit(piece, start, end, ++line)
      start = end + 1
    }
    if (start < piece.length) begun.push(Buffer.from(piece.subarray(start)))
  }
  const last = Buffer.concat(begun)
  if (last.length > 0) visit(last, 0, last.length, line + 1)
}
