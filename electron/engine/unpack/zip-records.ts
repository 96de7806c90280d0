// Reads the records of a ZIP: the central directory, and the local headers that really lie in the file.
// Trusts neither: both readings are kept where they disagree, and every local record is found by its own mark.
import { type ByteSource, findMark } from '../files/byte-source.ts'
import type { Stretch } from '../identify/carrying-parts.ts'
import { directoryStart, findEndRecord } from '../identify/zip-end.ts'

/** One way to read one member. `dataEnd` is where its packed data ends by this reading. */
export interface ZipRecord {
  readonly name: Buffer
  readonly method: number
  readonly flags: number
  readonly encrypted: boolean
  /** Of its content, as stated. */
  readonly sum: number
  readonly packedSize: number
  readonly size: number
  readonly localAt: number
  readonly dataAt: number
  readonly dataEnd: number
  /** As the directory says; else as only its local header does. */
  readonly isListed: boolean
}

export interface ZipRecords {
  readonly records: readonly ZipRecord[]
  /** What belongs to no member and no directory, behind the first member. */
  readonly rest: readonly Stretch[]
  /** The directory is missing or points outside of the file. */
  readonly damaged: boolean
  readonly overlapping: boolean
  /** There may be more than were read. */
  readonly isCut: boolean
}

interface DirectoryEntry {
  readonly name: Buffer
  readonly method: number
  readonly flags: number
  readonly sum: number
  readonly packedSize: number
  readonly size: number
  readonly localAt: number
}

interface LocalHeader extends DirectoryEntry {
  readonly dataAt: number
}

const localMagic = Buffer.from('504b0304', 'hex')
const unknown32 = 0xffffffff
/** More of a name is not shown; of a ZIP in a file the names are what stays in memory. */
const longestName = 4096

/** Entries of a directory that are read, folders included: these are no members and cost nothing else. */
const mostEntries = 1_000_000

/** Which part of a ZIP is read: at most so many records without folders, hidden ones only before this place. */
export interface ZipBounds {
  readonly limit: number
  readonly searchEnd: number
}

/** All readings of all members. */
export function readZipRecords(source: ByteSource, { limit, searchEnd }: ZipBounds): ZipRecords {
  const directory = readDirectory(source, limit)
  const records: ZipRecord[] = []
  let damaged = directory.damaged
  for (const entry of directory.entries) {
    const local = readLocal(source, entry.localAt)
    if (local === null) damaged = true
    else records.push(...readings(source, entry, local))
  }
  const overlapping =
    hasOverlap(records) || new Set(directory.entries.map((entry) => entry.localAt)).size < directory.entries.length
  // At least one, so that it is known whether there are more than fit.
  const room = Math.max(1, limit - records.length)
  const hidden = hiddenLocals(source, surelyCovered(records), { limit: room, searchEnd })
  for (const local of hidden) {
    records.push(recordOf(source, local, local.dataAt, packedSizeOf(source, local, searchEnd)))
  }
  const rest = between([...ranges(records), ...directory.places], source.size)
  return { records, rest, damaged, overlapping, isCut: directory.isCut || hidden.length === room }
}

interface Directory {
  readonly entries: DirectoryEntry[]
  /** Of itself and of its end record. */
  readonly places: readonly Range[]
  readonly damaged: boolean
  readonly isCut: boolean
}

function readDirectory(source: ByteSource, limit: number): Directory {
  const end = findEndRecord(source)
  if (end === null) return { entries: [], places: [], damaged: true, isCut: false }
  const start = end.entries === 0 ? end.at : directoryStart(source, end)
  const shift = start - end.directoryOffset
  const entries: DirectoryEntry[] = []
  let at = start
  let read = 0
  // The stated count is not believed: the directory goes on as long as its marks do.
  for (; entries.length < limit && read < mostEntries; read += 1) {
    const fixed = source.read(at, 46)
    if (fixed.length < 46 || fixed.readUInt32LE(0) !== 0x02014b50) break
    const nameLength = fixed.readUInt16LE(28)
    const extraLength = fixed.readUInt16LE(30)
    const name = source.read(at + 46, Math.min(nameLength, longestName))
    const entry = readEntry(fixed, name, source.read(at + 46 + nameLength, extraLength))
    if (!isFolder(entry)) entries.push({ ...entry, localAt: localPlace(source, entry.localAt, shift) })
    at += 46 + nameLength + extraLength + fixed.readUInt16LE(32)
  }
  const isCut = entries.length >= limit || read >= mostEntries
  // An empty directory behind a member is not that of this archive.
  const isOther = read === 0 && localAt(source, 0) !== null
  const places = [
    { from: start, to: at },
    { from: end.at, to: end.end },
  ]
  return { entries, places, damaged: (read < end.entries && !isCut) || isOther, isCut }
}

/** A name and nothing else. */
function isFolder({ packedSize, name }: Pick<DirectoryEntry, 'packedSize' | 'name'>): boolean {
  return packedSize === 0 && name.at(-1) === 0x2f
}

function readEntry(fixed: Buffer, name: Buffer, extra: Buffer): DirectoryEntry {
  const wide = readZip64Extra(extra, [fixed.readUInt32LE(24), fixed.readUInt32LE(20), fixed.readUInt32LE(42)])
  return {
    name,
    method: fixed.readUInt16LE(10),
    flags: fixed.readUInt16LE(8),
    sum: fixed.readUInt32LE(16),
    size: wide[0] ?? 0,
    packedSize: wide[1] ?? 0,
    localAt: wide[2] ?? 0,
  }
}

/** Offsets may count from the file's begin or from the ZIP's: whichever place holds a local header. */
function localPlace(source: ByteSource, stated: number, shift: number): number {
  return shift !== 0 && localAt(source, stated + shift) !== null ? stated + shift : stated
}

/** The fixed part of a local header, or null. */
function localAt(source: ByteSource, at: number): Buffer | null {
  if (at < 0 || at + 30 > source.size) return null
  const fixed = source.read(at, 30)
  return fixed.length === 30 && fixed.readUInt32LE(0) === 0x04034b50 ? fixed : null
}

function readLocal(source: ByteSource, at: number): LocalHeader | null {
  const fixed = localAt(source, at)
  if (fixed === null) return null
  const nameLength = fixed.readUInt16LE(26)
  const extraLength = fixed.readUInt16LE(28)
  const dataAt = at + 30 + nameLength + extraLength
  if (dataAt > source.size) return null
  const extra = source.read(at + 30 + nameLength, extraLength)
  const wide = readZip64Extra(extra, [fixed.readUInt32LE(22), fixed.readUInt32LE(18)])
  return {
    name: source.read(at + 30, Math.min(nameLength, longestName)),
    method: fixed.readUInt16LE(8),
    flags: fixed.readUInt16LE(6),
    sum: fixed.readUInt32LE(14),
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
function readings(source: ByteSource, entry: DirectoryEntry, local: LocalHeader): ZipRecord[] {
  const first = recordOf(source, entry, local.dataAt, entry.packedSize)
  // With a data descriptor (bit 3) the local sizes may honestly be zero.
  const sizesFollow = (local.flags & 8) !== 0 && local.packedSize === 0
  const agrees =
    local.method === entry.method &&
    (local.flags & 1) === (entry.flags & 1) &&
    (sizesFollow || local.packedSize === entry.packedSize)
  if (agrees) return [first]
  const packedSize = sizesFollow ? entry.packedSize : local.packedSize
  return [first, recordOf(source, local, local.dataAt, packedSize)]
}

function recordOf(source: ByteSource, entry: DirectoryEntry, dataAt: number, packedSize: number): ZipRecord {
  return {
    name: entry.name,
    method: entry.method,
    flags: entry.flags,
    encrypted: (entry.flags & 1) !== 0,
    sum: entry.sum,
    packedSize,
    size: entry.size,
    localAt: entry.localAt,
    dataAt,
    dataEnd: Math.min(source.size, dataAt + packedSize),
    isListed: !('dataAt' in entry),
  }
}

/** A hidden record without sizes: its data goes on to the next local header or the end. */
function packedSizeOf(source: ByteSource, local: LocalHeader, searchEnd: number): number {
  if (local.packedSize > 0 || (local.flags & 8) === 0) return local.packedSize
  const next = findMark(source, localMagic, local.dataAt, searchEnd)
  return (next === -1 ? source.size : next) - local.dataAt
}

interface Range {
  readonly from: number
  readonly to: number
}

/** Smaller ones are sums, signatures and what fills up. */
export const smallestRest = 32

/** A mark of several parts stands before the first member. */
const longestLead = 4

function between(covered: readonly Range[], size: number): Stretch[] {
  const places = [...covered].sort((a, b) => a.from - b.from)
  // Of what is something else in its beginning, who knows that looks at the rest.
  if ((places[0]?.from ?? size) > longestLead) return []
  const found: Stretch[] = []
  let end = places[0]?.from ?? size
  for (const { from, to } of [...places, { from: size, to: size }]) {
    if (from - end >= smallestRest) found.push({ start: end, end: from })
    end = Math.max(end, to)
  }
  return found
}

function ranges(records: readonly ZipRecord[]): Range[] {
  return records.map(({ localAt, dataEnd }) => ({ from: localAt, to: dataEnd })).sort((a, b) => a.from - b.from)
}

/** What belongs to a member by all readings of its header: a stated size must not cover what another reading leaves open. */
function surelyCovered(records: readonly ZipRecord[]): Range[] {
  const ends = new Map<number, number>()
  for (const { localAt, dataEnd } of records) ends.set(localAt, Math.min(dataEnd, ends.get(localAt) ?? dataEnd))
  return [...ends].map(([from, to]) => ({ from, to })).sort((a, b) => a.from - b.from)
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
function hiddenLocals(source: ByteSource, known: readonly Range[], { limit, searchEnd }: ZipBounds): LocalHeader[] {
  const found: LocalHeader[] = []
  let next = 0
  let at = findMark(source, localMagic, 0, searchEnd)
  while (at !== -1 && found.length < limit) {
    while (next < known.length && (known[next]?.to ?? 0) <= at) next += 1
    const cover = known[next]
    if (cover !== undefined && cover.from <= at) {
      at = findMark(source, localMagic, Math.max(at + 4, cover.to), searchEnd)
      continue
    }
    const local = readLocal(source, at)
    if (local !== null && !isFolder(local)) found.push(local)
    const behind = local === null ? at + 4 : Math.max(local.dataAt, local.dataAt + local.packedSize)
    at = findMark(source, localMagic, behind, searchEnd)
  }
  return found
}
