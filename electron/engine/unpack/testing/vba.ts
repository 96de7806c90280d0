// Compresses source the way macro projects keep it: only characters, no copies. Used by tests only.

/** A compressed container of [MS-OVBA] 2.4.1, with `rest` behind it as in a module's stream. */
export function compressVba(source: string, rest = Buffer.alloc(0)): Buffer {
  const text = Buffer.from(source, 'latin1')
  const chunks: Buffer[] = []
  for (let from = 0; from < text.length; from += 3600) {
    const piece = text.subarray(from, from + 3600)
    const tokens: Buffer[] = []
    for (let at = 0; at < piece.length; at += 8) tokens.push(Buffer.from([0]), piece.subarray(at, at + 8))
    const data = Buffer.concat(tokens)
    const header = Buffer.alloc(2)
    header.writeUInt16LE(0xb000 | (data.length - 1))
    chunks.push(header, data)
  }
  return Buffer.concat([Buffer.from([1]), ...chunks, rest])
}
