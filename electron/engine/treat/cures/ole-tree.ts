// Reads an OLE compound file strictly: every sector belongs to one thing only, every chain ends, the tree of folders is one.
// What is unusual is refused, so that a change in place never hits anything else. Never changes anything.
// Source: [MS-CFB]. For looking into hostile documents there is the tolerant reader in identify/ole.ts.

export interface OleEntry {
  readonly name: string
  readonly kind: 'folder' | 'stream' | 'root'
  /** Where its 128 bytes lie in the file. */
  readonly at: number
  readonly size: number
  readonly children: readonly OleEntry[]
}

/** A piece of the file. */
export interface OleRange {
  readonly at: number
  readonly length: number
}

export interface OleTree {
  readonly root: OleEntry
  /** Everything that a stream takes, with the unused end of its last sector. */
  rangesOf(stream: OleEntry): readonly OleRange[]
}

export class OleRefused extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'OleRefused'
  }
}

const headerBytes = 512
const entryBytes = 128
const miniSize = 64
const miniCutoff = 4096
const [endOfChain, noEntry] = [0xfffffffe, 0xffffffff]
const highestSector = 0xfffffffa
const mostEntries = 65_536
const inHeader = 109

/** Throws OleRefused. */
export function readOleTree(bytes: Buffer): OleTree {
  const sectors = new Sectors(bytes)
  const table = sectors.table()
  const directory = sectors.chain(table, bytes.readUInt32LE(48))
  const perSector = sectors.size / entryBytes
  if (directory.length * perSector > mostEntries) throw new OleRefused('too many entries')
  const rows = directory.flatMap((at) =>
    Array.from({ length: perSector }, (_, index) => rowAt(bytes, at + index * entryBytes)),
  )
  const rootRow = rows[0]
  if (rootRow?.type !== 5) throw new OleRefused('no root')
  const content = sectors.chain(table, rootRow.first)
  const miniTable = bytes.readUInt32LE(64) === 0 ? [] : sectors.chain(table, bytes.readUInt32LE(60))
  const mini = new MiniSectors(bytes, sectors, { content, table: miniTable })
  const ranges = new Map<OleEntry, readonly OleRange[]>()
  const root = treeOf(rows, (row, entry) => {
    const isMini = row.size < miniCutoff
    const chain = isMini ? mini.chain(row.first) : sectors.chain(table, row.first)
    const length = isMini ? miniSize : sectors.size
    if (chain.length * length < row.size) throw new OleRefused('a stream is cut')
    ranges.set(
      entry,
      chain.map((at) => ({ at, length: Math.min(length, bytes.length - at) })),
    )
  })
  return { root, rangesOf: (stream) => ranges.get(stream) ?? [] }
}

class Sectors {
  readonly size: number
  private readonly bytes: Buffer
  private readonly taken: Uint8Array

  constructor(bytes: Buffer) {
    if (bytes.length < headerBytes * 3 || bytes.readUInt32BE(0) !== 0xd0cf11e0 || bytes.readUInt32BE(4) !== 0xa1b11ae1)
      throw new OleRefused('not a compound file')
    const shift = bytes.readUInt16LE(30)
    const isKnown = shift === (bytes.readUInt16LE(26) === 4 ? 12 : 9)
    if (!isKnown || bytes.readUInt16LE(28) !== 0xfffe) throw new OleRefused('an unknown version')
    if (bytes.readUInt16LE(32) !== 6 || bytes.readUInt32LE(56) !== miniCutoff)
      throw new OleRefused('other small sectors')
    this.bytes = bytes
    this.size = 1 << shift
    this.taken = new Uint8Array(Math.ceil(bytes.length / this.size))
  }

  /** Where a sector lies, which nothing else may use any more. */
  take(sector: number): number {
    const at = (sector + 1) * this.size
    if (sector > highestSector || at >= this.bytes.length) throw new OleRefused('a sector outside')
    if (this.taken[sector] === 1) throw new OleRefused('a sector of two things')
    this.taken[sector] = 1
    return at
  }

  /** Places of the sectors of the allocation table: some stand in the header, the others in a chain of their own. */
  table(): number[] {
    const { bytes, size } = this
    const listed = (at: number, count: number): number[] =>
      Array.from({ length: count }, (_, index) => bytes.readUInt32LE(at + index * 4)).filter((n) => n !== noEntry)
    const numbers = listed(76, inHeader)
    let next = bytes.readUInt32LE(68)
    while (next !== endOfChain && next !== noEntry) {
      const at = this.take(next)
      if (at + size > bytes.length) throw new OleRefused('a sector outside')
      numbers.push(...listed(at, size / 4 - 1))
      next = bytes.readUInt32LE(at + size - 4)
    }
    if (numbers.length !== bytes.readUInt32LE(44)) throw new OleRefused('another table than stated')
    return numbers.map((sector) => this.take(sector))
  }

  /** Places of the sectors of one thing, in their order; [] for a thing without any. */
  chain(table: readonly number[], first: number): number[] {
    const places: number[] = []
    for (let sector = first; sector !== endOfChain; sector = this.nextOf(table, sector)) places.push(this.take(sector))
    return places
  }

  private nextOf(table: readonly number[], sector: number): number {
    const perSector = this.size / 4
    const at = (table[Math.floor(sector / perSector)] ?? this.bytes.length) + (sector % perSector) * 4
    if (at + 4 > this.bytes.length) throw new OleRefused('a chain that leads outside')
    return this.bytes.readUInt32LE(at)
  }
}

/** The small sectors inside of the root's own stream. */
class MiniSectors {
  private readonly taken: Uint8Array
  private readonly bytes: Buffer
  private readonly size: number
  private readonly content: readonly number[]
  private readonly table: readonly number[]

  constructor(
    bytes: Buffer,
    { size }: Sectors,
    { content, table }: { readonly content: readonly number[]; readonly table: readonly number[] },
  ) {
    this.bytes = bytes
    this.size = size
    this.content = content
    this.table = table
    this.taken = new Uint8Array((content.length * size) / miniSize)
  }

  chain(first: number): number[] {
    const places: number[] = []
    for (let sector = first; sector !== endOfChain; ) {
      if (sector >= this.taken.length || this.taken[sector] === 1) throw new OleRefused('a small sector of two things')
      this.taken[sector] = 1
      places.push(this.placeIn(this.content, sector * miniSize))
      sector = this.bytes.readUInt32LE(this.placeIn(this.table, sector * 4))
    }
    return places
  }

  private placeIn(places: readonly number[], at: number): number {
    const place = (places[Math.floor(at / this.size)] ?? this.bytes.length) + (at % this.size)
    if (place + 4 > this.bytes.length) throw new OleRefused('a small sector outside')
    return place
  }
}

interface Row {
  readonly at: number
  readonly name: string
  readonly type: number
  readonly links: readonly [left: number, right: number, child: number]
  readonly first: number
  readonly size: number
}

function rowAt(bytes: Buffer, at: number): Row {
  if (at + entryBytes > bytes.length) throw new OleRefused('a directory outside')
  const nameBytes = bytes.readUInt16LE(at + 64)
  const type = bytes[at + 66] ?? 0
  if (type !== 0 && (nameBytes > 64 || nameBytes < 2)) throw new OleRefused('a name too long')
  const size = bytes.readUInt32LE(at + 120)
  const links = [68, 72, 76].map((place) => bytes.readUInt32LE(at + place))
  return {
    at,
    name: bytes.toString('utf16le', at, at + Math.max(0, nameBytes - 2)),
    type,
    links: [links[0] ?? noEntry, links[1] ?? noEntry, links[2] ?? noEntry],
    // What has no content has no first sector, whatever stands there.
    first: size === 0 ? endOfChain : bytes.readUInt32LE(at + 116),
    size,
  }
}

/** The tree from the root down. Each row is met once; `onStream` may throw. */
function treeOf(rows: readonly Row[], onStream: (row: Row, entry: OleEntry) => void): OleEntry {
  const met = new Set<number>()
  const entryOf = (row: Row, kind: OleEntry['kind'], children: OleEntry[]): OleEntry => {
    return { name: row.name, kind, at: row.at, size: row.size, children }
  }
  const rootRow = rows[0]
  if (rootRow === undefined) throw new OleRefused('no root')
  const children: OleEntry[] = []
  const root = entryOf(rootRow, 'root', children)
  met.add(0)
  const open = [{ index: rootRow.links[2], into: children }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next.index === noEntry) continue
    const row = rows[next.index]
    if (row === undefined || met.has(next.index)) throw new OleRefused('a tree that is none')
    met.add(next.index)
    const below: OleEntry[] = []
    const entry = entryOf(row, row.type === 1 ? 'folder' : 'stream', below)
    if (row.type === 2) onStream(row, entry)
    else if (row.type !== 1) throw new OleRefused('an entry of an unknown kind')
    next.into.push(entry)
    for (const sibling of row.links.slice(0, 2)) open.push({ index: sibling, into: next.into })
    if (row.type === 1) open.push({ index: row.links[2], into: below })
  }
  return root
}
