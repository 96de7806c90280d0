// Finds the end-of-central-directory record of a ZIP, also one that is appended to something else.
// Reads numbers only; whether the directory tells the truth is for the unpacker to find out.
import type { ByteSource } from '../files/byte-source.ts'

export interface ZipEnd {
  /** Where the end record stands. */
  readonly at: number
  readonly entries: number
  readonly directorySize: number
  readonly directoryOffset: number
  /** Number of the part that it stands in; 0 for an archive of one part. */
  readonly disk: number
  /** Behind the record, where its comment begins. */
  readonly end: number
}

const endMagic = Buffer.from('504b0506', 'hex')
const directoryMagic = 0x02014b50
const longestComment = 65_535
const endBytes = 22

/** The last end record whose directory is where it says (or directly before it); null when there is none. */
export function findEndRecord(source: ByteSource): ZipEnd | null {
  const lowest = Math.max(0, source.size - longestComment - endBytes)
  // Only the part where it may stand: in a search of the whole content the time would be that of reading it again.
  const tail = source.read(lowest, source.size - lowest)
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    at = tail.lastIndexOf(endMagic, at)
    if (at === -1) return null
    const end = readEnd(source, lowest + at, tail.subarray(at))
    if (end !== null) return end
  }
  return null
}

/** Where the directory really begins: data put before a ZIP moves everything by the same distance. */
export function directoryStart(source: ByteSource, end: ZipEnd): number {
  const direct = end.at - end.directorySize
  if (isDirectory(source, direct)) return direct
  return isDirectory(source, end.directoryOffset) ? end.directoryOffset : -1
}

function readEnd(source: ByteSource, at: number, record: Buffer): ZipEnd | null {
  const short: ZipEnd = {
    at,
    entries: record.readUInt16LE(10),
    directorySize: record.readUInt32LE(12),
    directoryOffset: record.readUInt32LE(16),
    disk: record.readUInt16LE(4),
    end: at + endBytes,
  }
  const end = readZip64End(source, at) ?? short
  if (end.entries === 0 && at === 0) return end
  return directoryStart(source, end) >= 0 ? end : null
}

function readZip64End(source: ByteSource, at: number): ZipEnd | null {
  if (at < 20) return null
  const locator = source.read(at - 20, 20)
  if (locator.length < 20 || locator.readUInt32LE(0) !== 0x07064b50) return null
  const stated = Number(locator.readBigUInt64LE(8))
  for (const place of [at - 20 - 56, stated]) {
    if (place < 0 || place + 56 > source.size) continue
    const record = source.read(place, 56)
    if (record.length < 56 || record.readUInt32LE(0) !== 0x06064b50) continue
    return {
      at: place,
      entries: Number(record.readBigUInt64LE(32)),
      directorySize: Number(record.readBigUInt64LE(40)),
      directoryOffset: Number(record.readBigUInt64LE(48)),
      disk: record.readUInt32LE(16),
      end: at + endBytes,
    }
  }
  return null
}

function isDirectory(source: ByteSource, at: number): boolean {
  if (at < 0 || at + 46 > source.size) return false
  const mark = source.read(at, 4)
  return mark.length === 4 && mark.readUInt32LE(0) === directoryMagic
}
