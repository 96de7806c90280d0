// Reads the records of a ZIP: the central directory, and the local headers that really lie in the file.
// Trusts neither: both readings are kept where they disagree, and every local record is found by its own mark.
import { directoryStart, findEndRecord } from '../identify/zip-end.ts'

/** One way to read one member. `dataEnd` is where its packed data ends by this reading. */
export interface ZipRecord {
  readonly name: Buffer
  readonly method: number
  readonly encrypted: boolean
  readonly packedSize: number
  readonly size: number
  readonly localAt: number
  readonly dataAt: number
  readonly dataEnd: number
}

export interface ZipRecords {
  readonly records: readonly ZipRecord[]
  /** The directory is missing or points outside of the file. */
  readonly damaged: boolean
  readonly overlapping: boolean
}

interface DirectoryEntry {
  readonly name: Buffer
  readonly method: number
  readonly flags: number
  readonly packedSize: number
  readonly size: number
  readonly localAt: number
}

interface LocalHeader extends DirectoryEntry {
  readonly dataAt: number
}

const localMagic = Buffer.from('504b0304', 'hex')
const unknown32 = 0xffffffff

/** All readings of all members, at most `limit` of them. */
export function readZipRecords(bytes: Buffer, limit: number): ZipRecords {
  const directory = readDirectory(bytes, limit)
  const records: ZipRecord[] = []
  let damaged = directory.damaged
  for (const entry of directory.entries) {
    const local = readLocal(bytes, entry.localAt)
    if (local === null) damaged = true
    else records.push(...readings(bytes, entry, local))
  }
  const overlapping =
    hasOverlap(records) || new Set(directory.entries.map((entry) => entry.localAt)).size < directory.entries.length
  const known = ranges(records)
  for (const local of hiddenLocals(bytes, known, limit - records.length)) {
    records.push(recordOf(bytes, local, local.dataAt, packedSizeOf(bytes, local)))
  }
  return { records, damaged, overlapping }
}

function readDirectory(bytes: Buffer, limit: number): { entries: DirectoryEntry[]; damaged: boolean } {
  const end = findEndRecord(bytes)
  if (end === null) return { entries: [], damaged: true }
  const start = end.entries === 0 ? end.at : directoryStart(bytes, end)
  const shift = start - end.directoryOffset
  const entries: DirectoryEntry[] = []
  let at = start
  // The stated count is not believed: the directory goes on as long as its marks do.
  while (at + 46 <= bytes.length && bytes.readUInt32LE(at) === 0x02014b50 && entries.length < limit) {
    const nameLength = bytes.readUInt16LE(at + 28)
    const extraLength = bytes.readUInt16LE(at + 30)
    const extra = bytes.subarray(at + 46 + nameLength, at + 46 + nameLength + extraLength)
    const entry = readEntry(bytes, at, extra)
    entries.push({ ...entry, localAt: localPlace(bytes, entry.localAt, shift) })
    at += 46 + nameLength + extraLength + bytes.readUInt16LE(at + 32)
  }
  return { entries, damaged: entries.length < end.entries && entries.length < limit }
}

function readEntry(bytes: Buffer, at: number, extra: Buffer): DirectoryEntry {
  const wide = readZip64Extra(extra, [
    bytes.readUInt32LE(at + 24),
    bytes.readUInt32LE(at + 20),
    bytes.readUInt32LE(at + 42),
  ])
  return {
    name: bytes.subarray(at + 46, at + 46 + bytes.readUInt16LE(at + 28)),
    method: bytes.readUInt16LE(at + 10),
    flags: bytes.readUInt16LE(at + 8),
    size: wide[0] ?? 0,
    packedSize: wide[1] ?? 0,
    localAt: wide[2] ?? 0,
  }
}

/** Offsets may count from the file's begin or from the ZIP's: whichever place holds a local header. */
function localPlace(bytes: Buffer, stated: number, shift: number): number {
  return shift !== 0 && isLocal(bytes, stated + shift) ? stated + shift : stated
}

function isLocal(bytes: Buffer, at: number): boolean {
  return at >= 0 && at + 30 <= bytes.length && bytes.readUInt32LE(at) === 0x04034b50
}

function readLocal(bytes: Buffer, at: number): LocalHeader | null {
  if (!isLocal(bytes, at)) return null
  const nameEnd = at + 30 + bytes.readUInt16LE(at + 26)
  const dataAt = nameEnd + bytes.readUInt16LE(at + 28)
  if (dataAt > bytes.length) return null
  const wide = readZip64Extra(bytes.subarray(nameEnd, dataAt), [
    bytes.readUInt32LE(at + 22),
    bytes.readUInt32LE(at + 18),
  ])
  return {
    name: bytes.subarray(at + 30, nameEnd),
    method: bytes.readUInt16LE(at + 8),
    flags: bytes.readUInt16LE(at + 6),
    size: wide[0] ?? 0,
    packedSize: wide[1] ?? 0,
    localAt: at,
    dataAt,
  }
}

/** The values that the 32-bit fields could not hold, in the order of the fields. */
function readZip64Extra(extra: Buffer, values: readonly number[]): number[] {
  const wide = findExtra(extra, 1)
  let at = 0
  return values.map((value) => {
    if (value !== unknown32 || wide === null || at + 8 > wide.length) return value
    at += 8
    return Number(wide.readBigUInt64LE(at - 8))
  })
}

function findExtra(extra: Buffer, id: number): Buffer | null {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2))
  }
  return null
}

/** One record where directory and local header agree, two where they do not. */
function readings(bytes: Buffer, entry: DirectoryEntry, local: LocalHeader): ZipRecord[] {
  const first = recordOf(bytes, entry, local.dataAt, entry.packedSize)
  // With a data descriptor (bit 3) the local sizes may honestly be zero.
  const sizesFollow = (local.flags & 8) !== 0 && local.packedSize === 0
  const agrees =
    local.method === entry.method &&
    (local.flags & 1) === (entry.flags & 1) &&
    (sizesFollow || local.packedSize === entry.packedSize)
  if (agrees) return [first]
  const packedSize = sizesFollow ? entry.packedSize : local.packedSize
  return [first, recordOf(bytes, local, local.dataAt, packedSize)]
}

function recordOf(bytes: Buffer, entry: DirectoryEntry, dataAt: number, packedSize: number): ZipRecord {
  return {
    name: entry.name,
    method: entry.method,
    encrypted: (entry.flags & 1) !== 0,
    packedSize,
    size: entry.size,
    localAt: entry.localAt,
    dataAt,
    dataEnd: Math.min(bytes.length, dataAt + packedSize),
  }
}

/** A hidden record without sizes: its data goes on to the next local header or the end. */
function packedSizeOf(bytes: Buffer, local: LocalHeader): number {
  if (local.packedSize > 0 || (local.flags & 8) === 0) return local.packedSize
  const next = bytes.indexOf(localMagic, local.dataAt)
  return (next === -1 ? bytes.length : next) - local.dataAt
}

interface Range {
  readonly from: number
  readonly to: number
}

function ranges(records: readonly ZipRecord[]): Range[] {
  return records.map(({ localAt, dataEnd }) => ({ from: localAt, to: dataEnd })).sort((a, b) => a.from - b.from)
}

/** True when two members share bytes of the file: honest archives never do. Two readings of one header count once. */
function hasOverlap(records: readonly ZipRecord[]): boolean {
  let end = -1
  let last = -1
  for (const range of ranges(records)) {
    if (range.from < end && range.from !== last) return true
    last = range.from
    end = Math.max(end, range.to)
  }
  return false
}

/** Local headers that no member of the directory covers. Those inside a member's data belong to that member. */
function hiddenLocals(bytes: Buffer, known: readonly Range[], limit: number): LocalHeader[] {
  const found: LocalHeader[] = []
  let next = 0
  let at = bytes.indexOf(localMagic)
  while (at !== -1 && found.length < limit) {
    while (next < known.length && (known[next]?.to ?? 0) <= at) next += 1
    const cover = known[next]
    if (cover !== undefined && cover.from <= at) {
      at = bytes.indexOf(localMagic, Math.max(at + 4, cover.to))
      continue
    }
    const local = readLocal(bytes, at)
    if (local !== null) found.push(local)
    at = bytes.indexOf(localMagic, local === null ? at + 4 : Math.max(local.dataAt, local.dataAt + local.packedSize))
  }
  return found
}
