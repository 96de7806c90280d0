// Second looks at beginnings whose marks are short or which have none: packed Flash, Intel HEX, Electron's archives, discs copied sector by sector.
// Reads numbers only.

/** CWS or ZWS: a version, a size that fits, and the head of what it is packed with. */
export function isPackedFlash(bytes: Buffer): boolean {
  if (bytes.length < 20 || (bytes[3] ?? 0) === 0 || (bytes[3] ?? 255) > 60 || bytes.readUInt32LE(4) > 2 ** 30)
    return false
  if (bytes[0] === 0x5a) return bytes.readUInt32LE(8) <= bytes.length && (bytes[12] ?? 255) < 225 && bytes[17] === 0
  return ((bytes[8] ?? 0) & 15) === 8 && bytes.readUInt16BE(8) % 31 === 0
}

/** Three lengths that fit into each other, then a list of files. */
export function isAsar(bytes: Buffer): boolean {
  if (bytes.length < 24 || bytes[16] !== 0x7b) return false
  const [outer, inner, list] = [bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12)]
  return inner === outer - 4 && list <= inner - 4 && inner - 4 - list < 4
}

const [longestLine, colon] = [521, 0x3a]

/** A first line of Intel HEX whose length and sum fit. */
export function isIntelHex(bytes: Buffer): boolean {
  if (bytes[0] !== colon) return false
  const line = /^:((?:[\da-f]{2}){5,260})(?:[\r\n]|$)/i.exec(bytes.toString('latin1', 0, longestLine + 2))?.[1]
  const record = Buffer.from(line ?? '', 'hex')
  if (record.length < 5 || record.length !== (record[0] ?? 0) + 5 || (record[3] ?? 9) > 5) return false
  return (record.reduce((sum, byte) => sum + byte, 0) & 255) === 0
}

/** Of a sector with all that is on the disc. */
export const rawSector = 2352
const sync = Buffer.from('00ffffffffffffffffffff00', 'hex')

/** Two sectors with their marks, the first one of a kind that holds files. */
export function isRawDisc(bytes: Buffer): boolean {
  const kind = bytes[15] ?? 0
  return (kind === 1 || kind === 2) && bytes.subarray(rawSector, rawSector + sync.length).equals(sync)
}
