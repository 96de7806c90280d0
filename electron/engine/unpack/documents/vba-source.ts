// Finds the source of VBA modules in a stream and decompresses it. The compressed text begins with a line that the editor
// itself puts first, so that it is found without the project's own directory, which hostile documents damage on purpose.
// Source: [MS-OVBA] 2.4.1. Never interprets the code.

/** `Attribut`, as the first eight characters that no earlier text can stand for; a flag byte and two of a header before it. */
const firstLine = Buffer.from('\0Attribut', 'latin1')
const chunkBytes = 4096
const mostModules = 8

/** The source of every module that begins in this stream; `most` bounds each, in bytes. */
export function moduleSources(stream: Buffer, most: number): Buffer[] {
  const sources: Buffer[] = []
  for (let at = stream.indexOf(firstLine); at !== -1; at = stream.indexOf(firstLine, at + 1)) {
    if (at < 3 || stream[at - 3] !== 1) continue
    const source = decompress(stream, at - 3, most)
    if (source.length > 0) sources.push(source)
    if (sources.length === mostModules) break
  }
  return sources
}

/** The text of a compressed container that begins at `from`: chunks of 4,096 bytes, as far as they can be read. */
export function decompress(bytes: Buffer, from: number, most: number): Buffer {
  const pieces: Buffer[] = []
  let size = 0
  for (let at = from + 1; at + 2 <= bytes.length && size < most; ) {
    const header = bytes.readUInt16LE(at)
    if ((header & 0x7000) !== 0x3000) break
    const end = Math.min(bytes.length, at + (header & 0x0fff) + 3)
    const piece = (header & 0x8000) === 0 ? bytes.subarray(at + 2, at + 2 + chunkBytes) : chunk(bytes, at + 2, end)
    pieces.push(piece)
    size += piece.length
    at = end
  }
  return Buffer.concat(pieces).subarray(0, most)
}

/** Eight tokens behind each flag byte: a character, or a copy of what came before. */
function chunk(bytes: Buffer, from: number, end: number): Buffer {
  const text = Buffer.alloc(chunkBytes)
  let to = 0
  for (let at = from; at < end; ) {
    const flags = bytes[at++] ?? 0
    for (let bit = 0; bit < 8 && at < end && to < chunkBytes; bit += 1) {
      if ((flags & (1 << bit)) === 0) {
        text[to++] = bytes[at++] ?? 0
        continue
      }
      if (at + 2 > end || to === 0) return text.subarray(0, to)
      const token = bytes.readUInt16LE(at)
      at += 2
      const bits = Math.max(4, Math.ceil(Math.log2(to)))
      const back = (token >> (16 - bits)) + 1
      const length = (token & (0xffff >> bits)) + 3
      if (back > to) return text.subarray(0, to)
      for (let copied = 0; copied < length && to < chunkBytes; copied += 1) text[to] = text[to++ - back] ?? 0
    }
  }
  return text.subarray(0, to)
}
