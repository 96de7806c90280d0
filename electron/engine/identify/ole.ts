// Reads the directory of an OLE compound file and the beginning of its streams: old Office documents, and the cover
// that encrypted new ones wear. Bounded on hostile bytes: chains are followed only as far as the file is long. Reads what it
// needs, so that the file may be larger than memory.
import { type ByteSource, type Content, sourceOf } from '../files/byte-source.ts'

export interface OleStream {
  /** In capitals: names in a compound file do not differ by case. */
  readonly name: string
  readonly size: number
  readonly firstSector: number
}

export interface OleFile {
  readonly streams: readonly OleStream[]
  /** Up to `length` bytes from the beginning of a stream; fewer where its sectors cannot be followed. */
  head(stream: OleStream, length: number): Buffer
}

interface Sectors {
  readonly source: ByteSource
  readonly size: number
  /** The number that stands for this sector in the allocation table. */
  after(sector: number): number
}

const headerBytes = 512
const entryBytes = 128
const mostEntries = 65_536
/** As many sectors as 256 MB have, and sectors of the allocation table of 4 GB. */
const [mostOfChain, mostOfTable] = [524_288, 65_536]
const endOfChain = 0xfffffffa
const [streamEntry, rootEntry] = [2, 5]

/** Null for what is no compound file or too damaged to have a directory. */
export function readOle(content: Content): OleFile | null {
  const source = sourceOf(content)
  const header = source.read(0, headerBytes)
  if (source.size < headerBytes + entryBytes || header.length < headerBytes) return null
  if (header.readUInt32BE(0) !== 0xd0cf11e0) return null
  const shift = header.readUInt16LE(30)
  const miniShift = header.readUInt16LE(32)
  if ((shift !== 9 && shift !== 12) || miniShift >= shift) return null
  const size = 1 << shift
  const sectors: Sectors = { source, size, after: tableReader(source, size, tableSectors(source, header, size)) }
  const directory = read(sectors, header.readUInt32LE(48), mostEntries * entryBytes)
  const entries = readEntries(directory)
  const root = entries.find(({ type }) => type === rootEntry)
  if (root === undefined) return null
  const cutoff = header.readUInt32LE(56)
  const firstMiniTable = header.readUInt32LE(60)
  let mini: Mini | undefined
  return {
    streams: entries.filter(({ type }) => type === streamEntry),
    head: (stream, length) => {
      const wanted = Math.min(length, stream.size)
      if (stream.size >= cutoff) return read(sectors, stream.firstSector, wanted)
      mini ??= miniOf(sectors, root, firstMiniTable)
      return readMini(sectors, mini, { first: stream.firstSector, size: 1 << miniShift, length: wanted })
    },
  }
}

/** Places of the sectors of the allocation table: 109 stand in the header, the others in a chain of sectors of their own. */
function tableSectors(source: ByteSource, header: Buffer, size: number): number[] {
  // More of it would be about sectors behind the end.
  const most = Math.min(mostOfTable, Math.ceil(source.size / size / (size / 4)) + 1)
  const table: number[] = []
  const take = (numbers: Buffer): void => {
    for (let at = 0; at + 4 <= numbers.length && table.length < most; at += 4) {
      const sector = numbers.readUInt32LE(at)
      if (sector < endOfChain) table.push((sector + 1) * size)
    }
  }
  take(header.subarray(76, headerBytes))
  let next = header.readUInt32LE(68)
  for (let steps = 0; next < endOfChain && table.length < most && steps < most; steps += 1) {
    const numbers = source.read((next + 1) * size, size)
    if (numbers.length < size) break
    take(numbers.subarray(0, size - 4))
    next = numbers.readUInt32LE(size - 4)
  }
  return table
}

/** Looks up what stands for a sector in a table that lies at these places; the end of a chain for what does not stand there. */
function tableReader(source: ByteSource, size: number, places: readonly number[]): (sector: number) => number {
  const perSector = size / 4
  let index = -1
  let numbers: Buffer = Buffer.alloc(0)
  return (sector) => {
    const wanted = Math.floor(sector / perSector)
    if (wanted !== index) {
      const place = places[wanted]
      index = wanted
      numbers = place === undefined ? Buffer.alloc(0) : source.read(place, size)
    }
    const at = (sector % perSector) * 4
    return at + 4 <= numbers.length ? numbers.readUInt32LE(at) : endOfChain
  }
}

/** Places of the sectors of a chain that holds `length` bytes; fewer where it breaks off. */
function chain({ source, size, after }: Sectors, first: number, length: number): number[] {
  const places: number[] = []
  const wanted = Math.min(mostOfChain, Math.ceil(Math.min(length, source.size) / size))
  for (let sector = first; sector < endOfChain && places.length < wanted; sector = after(sector)) {
    const at = (sector + 1) * size
    if (at >= source.size) break
    places.push(at)
  }
  return places
}

function read(sectors: Sectors, first: number, length: number): Buffer {
  const { source, size } = sectors
  const pieces = chain(sectors, first, length).map((at) => source.read(at, size))
  return Buffer.concat(pieces).subarray(0, length)
}

/** Small streams lie in sectors of their own kind, inside of the root's stream. */
interface Mini {
  /** Places of the sectors that hold them. */
  readonly content: readonly number[]
  /** The number that stands for a small sector in their allocation table. */
  after(sector: number): number
}

function miniOf(sectors: Sectors, root: OleStream, firstTable: number): Mini {
  const { source, size } = sectors
  const table = chain(sectors, firstTable, source.size)
  return { content: chain(sectors, root.firstSector, root.size), after: tableReader(source, size, table) }
}

function readMini(
  { source, size: sectorSize }: Sectors,
  { content, after }: Mini,
  { first, size, length }: { first: number; size: number; length: number },
): Buffer {
  const pieces: Buffer[] = []
  for (let sector = first; sector < endOfChain && pieces.length * size < length; sector = after(sector)) {
    const offset = sector * size
    const place = content[Math.floor(offset / sectorSize)]
    if (place === undefined) break
    pieces.push(source.read(place + (offset % sectorSize), size))
  }
  return Buffer.concat(pieces).subarray(0, length)
}

function readEntries(directory: Buffer): (OleStream & { type: number })[] {
  const entries: (OleStream & { type: number })[] = []
  for (let at = 0; at + entryBytes <= directory.length; at += entryBytes) {
    const nameBytes = Math.min(64, directory.readUInt16LE(at + 64))
    const name = directory.toString('utf16le', at, at + Math.max(0, nameBytes - 2)).toUpperCase()
    entries.push({
      name,
      type: directory[at + 66] ?? 0,
      firstSector: directory.readUInt32LE(at + 116),
      size: directory.readUInt32LE(at + 120),
    })
  }
  return entries
}
