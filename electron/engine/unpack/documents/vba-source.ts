// Finds the source of VBA modules in a stream and decompresses it. The compressed text begins with a line that the editor
// itself puts first, so that it is found without the project's own directory, which hostile documents damage on purpose.
// Source: [MS-OVBA] 2.4.1. Never interprets the code.
import type { Budget } from '../budget.ts'
import { GrowingBytes } from '../growing-bytes.ts'

/** `Attribut`, as the first eight characters that no earlier text can stand for; a flag byte and two of a header before it. */
const firstLine = Buffer.from('\0Attribut', 'latin1')
const chunkBytes = 4096

/** The source of every module that begins in this stream, each no longer than the budget has room for when it is made. */
export function* moduleSources(stream: Buffer, budget: Budget): Generator<Buffer> {
  for (let at = stream.indexOf(firstLine); at !== -1; at = stream.indexOf(firstLine, at + 1)) {
    if (budget.isOverTime()) return
    if (at < 3 || stream[at - 3] !== 1) continue
    const source = decompress(stream, at - 3, budget.room())
    if (source.length === 0) continue
    yield source
  }
}

/** The text of a compressed container that begins at `from`: chunks of 4,096 bytes, as far as they can be read. */
export function decompress(bytes: Buffer, from: number, most: number): Buffer {
  const text = new GrowingBytes(most)
  for (let at = from + 1; at + 2 <= bytes.length && !text.isCut; ) {
    const header = bytes.readUInt16LE(at)
    if ((header & 0x7000) !== 0x3000) break
    // One that is not compressed has always the same length, whatever it says.
    const isPlain = (header & 0x8000) === 0
    const end = Math.min(bytes.length, at + 2 + (isPlain ? chunkBytes : (header & 0x0fff) + 1))
    if (isPlain) text.append(bytes.subarray(at + 2, end))
    else unpackChunk(bytes, { from: at + 2, end }, text)
    at = end
  }
  return text.take()
}

/** Eight tokens behind each flag byte: a character, or a copy of what came before in this chunk. */
function unpackChunk(bytes: Buffer, { from, end }: { from: number; end: number }, text: GrowingBytes): void {
  const start = text.length
  for (let at = from; at < end; ) {
    const flags = bytes[at++] ?? 0
    for (let bit = 0; bit < 8 && at < end && text.length - start < chunkBytes; bit += 1) {
      if ((flags & (1 << bit)) === 0) {
        text.push(bytes[at++] ?? 0)
        continue
      }
      const to = text.length - start
      if (at + 2 > end || to === 0) return
      const token = bytes.readUInt16LE(at)
      at += 2
      const bits = Math.max(4, Math.ceil(Math.log2(to)))
      const back = (token >> (16 - bits)) + 1
      const length = (token & (0xffff >> bits)) + 3
      if (back > to) return
      text.copy(text.length - back, Math.min(length, chunkBytes - to))
    }
  }
}
