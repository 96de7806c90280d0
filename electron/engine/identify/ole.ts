// Reads the directory of an OLE compound file and the beginning of its streams: old Office documents, and the cover
// that encrypted new ones wear. Bounded on hostile bytes: chains are followed only as far as the file is long.

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
  readonly bytes: Buffer
  readonly size: number
  /** Places of the sectors that hold the allocation table. */
  readonly table: readonly number[]
}

const headerBytes = 512
const entryBytes = 128
const mostEntries = 65_536
const endOfChain = 0xfffffffa
const [streamEntry, rootEntry] = [2, 5]

/** Null for what is no compound file or too damaged to have a directory. */
export function readOle(bytes: Buffer): OleFile | null {
  if (bytes.length < headerBytes + entryBytes || bytes.readUInt32BE(0) !== 0xd0cf11e0) return null
  const shift = bytes.readUInt16LE(30)
  const miniShift = bytes.readUInt16LE(32)
  if ((shift !== 9 && shift !== 12) || miniShift >= shift) return null
  const size = 1 << shift
  const sectors: Sectors = { bytes, size, table: tableSectors(bytes, size) }
  const directory = read(sectors, bytes.readUInt32LE(48), mostEntries * entryBytes)
  const entries = readEntries(directory)
  const root = entries.find(({ type }) => type === rootEntry)
  if (root === undefined) return null
  const cutoff = bytes.readUInt32LE(56)
  const firstMiniTable = bytes.readUInt32LE(60)
  let mini: { content: number[]; table: number[] } | undefined
  return {
    streams: entries.filter(({ type }) => type === streamEntry),
    head: (stream, length) => {
      const wanted = Math.min(length, stream.size)
      if (stream.size >= cutoff) return read(sectors, stream.firstSector, wanted)
      mini ??= {
        content: chain(sectors, root.firstSector, root.size),
        table: chain(sectors, firstMiniTable, bytes.length),
      }
      return readMini(sectors, mini, { first: stream.firstSector, size: 1 << miniShift, length: wanted })
    },
  }
}

/** The first 109 places stand in the header, the others in a chain of sectors of their own. */
function tableSectors(bytes: Buffer, size: number): number[] {
  const most = Math.ceil(bytes.length / size)
  const table: number[] = []
  const take = (from: number, count: number): void => {
    for (let at = from; at < from + count * 4 && at + 4 <= bytes.length; at += 4) {
      const sector = bytes.readUInt32LE(at)
      if (sector < endOfChain && table.length < most) table.push(sector)
    }
  }
  take(76, 109)
  let next = bytes.readUInt32LE(68)
  for (let steps = 0; next < endOfChain && steps < most; steps += 1) {
    const at = (next + 1) * size
    if (at + size > bytes.length) break
    take(at, size / 4 - 1)
    next = bytes.readUInt32LE(at + size - 4)
  }
  return table
}

/** Places of the sectors of a chain that holds `length` bytes; fewer where it breaks off. */
function chain({ bytes, size, table }: Sectors, first: number, length: number): number[] {
  const places: number[] = []
  const perSector = size / 4
  const wanted = Math.ceil(Math.min(length, bytes.length) / size)
  for (let sector = first; sector < endOfChain && places.length < wanted; ) {
    const at = (sector + 1) * size
    if (at >= bytes.length) break
    places.push(at)
    const place = ((table[Math.floor(sector / perSector)] ?? endOfChain) + 1) * size + (sector % perSector) * 4
    sector = place + 4 <= bytes.length ? bytes.readUInt32LE(place) : endOfChain
  }
  return places
}

function read(sectors: Sectors, first: number, length: number): Buffer {
  const { bytes, size } = sectors
  const pieces = chain(sectors, first, length).map((at) => bytes.subarray(at, at + size))
  return Buffer.concat(pieces).subarray(0, length)
}

/** Small streams lie in sectors of their own kind, inside of the root's stream. */
function readMini(
  { bytes, size: sectorSize }: Sectors,
  mini: { content: readonly number[]; table: readonly number[] },
  { first, size, length }: { first: number; size: number; length: number },
): Buffer {
  const placeOf = (places: readonly number[], at: number): number =>
    (places[Math.floor(at / sectorSize)] ?? bytes.length) + (at % sectorSize)
  const pieces: Buffer[] = []
  for (let sector = first; sector < endOfChain && pieces.length * size < length; ) {
    const at = placeOf(mini.content, sector * size)
    if (at >= bytes.length) break
    pieces.push(bytes.subarray(at, at + size))
    const next = placeOf(mini.table, sector * 4)
    sector = next + 4 <= bytes.length ? bytes.readUInt32LE(next) : endOfChain
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
