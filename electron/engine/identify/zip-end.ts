// Finds the end-of-central-directory record of a ZIP, also one that is appended to something else.
// Reads numbers only; whether the directory tells the truth is for the unpacker to find out.

export interface ZipEnd {
  /** Where the end record stands. */
  readonly at: number
  readonly entries: number
  readonly directorySize: number
  readonly directoryOffset: number
  /** Number of the part that it stands in; 0 for an archive of one part. */
  readonly disk: number
}

const endMagic = Buffer.from('504b0506', 'hex')
const directoryMagic = 0x02014b50
const longestComment = 65_535

/** The last end record whose directory is where it says (or directly before it); null when there is none. */
export function findEndRecord(bytes: Buffer): ZipEnd | null {
  const lowest = Math.max(0, bytes.length - longestComment - 22)
  // Only the part where it may stand: in a search of the whole content the time would be that of reading it again.
  const tail = bytes.subarray(lowest)
  for (let at = tail.length - 22; at >= 0; at -= 1) {
    at = tail.lastIndexOf(endMagic, at)
    if (at === -1) return null
    const end = readEnd(bytes, lowest + at)
    if (end !== null) return end
  }
  return null
}

/** Where the directory really begins: data put before a ZIP moves everything by the same distance. */
export function directoryStart(bytes: Buffer, end: ZipEnd): number {
  const direct = end.at - end.directorySize
  if (isDirectory(bytes, direct)) return direct
  return isDirectory(bytes, end.directoryOffset) ? end.directoryOffset : -1
}

function readEnd(bytes: Buffer, at: number): ZipEnd | null {
  const short: ZipEnd = {
    at,
    entries: bytes.readUInt16LE(at + 10),
    directorySize: bytes.readUInt32LE(at + 12),
    directoryOffset: bytes.readUInt32LE(at + 16),
    disk: bytes.readUInt16LE(at + 4),
  }
  const end = readZip64End(bytes, at) ?? short
  if (end.entries === 0 && at === 0) return end
  return directoryStart(bytes, end) >= 0 ? end : null
}

function readZip64End(bytes: Buffer, at: number): ZipEnd | null {
  if (at < 20 || bytes.readUInt32LE(at - 20) !== 0x07064b50) return null
  const stated = Number(bytes.readBigUInt64LE(at - 12))
  for (const place of [at - 20 - 56, stated]) {
    if (place < 0 || place + 56 > bytes.length || bytes.readUInt32LE(place) !== 0x06064b50) continue
    return {
      at: place,
      entries: Number(bytes.readBigUInt64LE(place + 32)),
      directorySize: Number(bytes.readBigUInt64LE(place + 40)),
      directoryOffset: Number(bytes.readBigUInt64LE(place + 48)),
      disk: bytes.readUInt32LE(place + 16),
    }
  }
  return null
}

function isDirectory(bytes: Buffer, at: number): boolean {
  return at >= 0 && at + 46 <= bytes.length && bytes.readUInt32LE(at) === directoryMagic
}
