// Makes OLE compound files with folders for tests, in sectors of 512 or 4,096 bytes, with streams of any size and with several
// sectors of allocation table, the way programs write them: entries in one directory, small streams in the root's own.

const miniSector = 64
const miniCutoff = 4096
const [free, end, tableMark] = [0xffffffff, 0xfffffffe, 0xfffffffd]

/** A folder; its members are streams and folders by name. */
export interface OleFolder {
  readonly [name: string]: Buffer | OleFolder
}

export function makeOleDocument(content: OleFolder, sector: 512 | 4096 = 512): Buffer {
  const table: number[] = []
  const sectors: Buffer[] = []
  const mini: Buffer[] = []
  const miniTable: number[] = []
  const place = (data: Buffer): number => chained(data, { sectors, table, size: sector })
  const entries: Buffer[] = [entry('Root Entry', 5, end, 0)]
  /** The index of the first of these entries; every entry is the right neighbour of the one before it. */
  const put = (folder: OleFolder): number => {
    const indexes = Object.entries(folder).map(([name, data]) => {
      const index = entries.length
      entries.push(entry(name, Buffer.isBuffer(data) ? 2 : 1, end, Buffer.isBuffer(data) ? data.length : 0))
      const mine = entries[index] ?? Buffer.alloc(128)
      if (!Buffer.isBuffer(data)) mine.writeUInt32LE(put(data), 76)
      else if (data.length >= miniCutoff) mine.writeUInt32LE(place(data), 116)
      else mine.writeUInt32LE(chained(data, { sectors: mini, table: miniTable, size: miniSector }), 116)
      return index
    })
    for (const [at, index] of indexes.entries()) entries[index]?.writeUInt32LE(indexes[at + 1] ?? free, 72)
    return indexes[0] ?? free
  }
  const [root] = entries
  root?.writeUInt32LE(put(content), 76)
  const small = Buffer.concat(mini)
  root?.writeUInt32LE(place(small), 116)
  root?.writeUInt32LE(small.length, 120)
  const miniAt = place(numbers(miniTable, sector))
  while (entries.length % (sector / 128) !== 0) entries.push(entry('', 0, 0, 0))
  const directoryAt = place(Buffer.concat(entries))
  const tables = placeTable(table, sector)
  const head = header({
    directoryAt,
    miniAt,
    miniCount: Math.ceil((miniTable.length * 4) / sector),
    sector,
    tables: tables.places,
  })
  return Buffer.concat([head, ...sectors, ...tables.sectors])
}

interface Area {
  readonly sectors: Buffer[]
  readonly table: number[]
  readonly size: number
}

/** The first of the sectors that hold the data. */
function chained(data: Buffer, { sectors, table, size }: Area): number {
  const count = Math.ceil(data.length / size)
  const first = sectors.length
  for (let piece = 0; piece < count; piece += 1) {
    sectors.push(padded(data.subarray(piece * size, (piece + 1) * size), size))
    table.push(piece === count - 1 ? end : first + piece + 1)
  }
  return count === 0 ? end : first
}

/** The allocation table behind everything else, itself in it. */
function placeTable(
  table: readonly number[],
  sector: number,
): { readonly places: number[]; readonly sectors: Buffer[] } {
  const perSector = sector / 4
  let count = 0
  while (count * perSector < table.length + count) count += 1
  const places = Array.from({ length: count }, (_, index) => table.length + index)
  const bytes = numbers([...table, ...places.map(() => tableMark)], sector)
  return { places, sectors: places.map((_, index) => bytes.subarray(index * sector, (index + 1) * sector)) }
}

interface Head {
  readonly directoryAt: number
  readonly miniAt: number
  readonly miniCount: number
  readonly sector: number
  readonly tables: readonly number[]
}

function header({ directoryAt, miniAt, miniCount, sector, tables }: Head): Buffer {
  const bytes = Buffer.alloc(sector)
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(bytes)
  const words: [at: number, value: number][] = [
    [24, 0x3e],
    [26, sector === 512 ? 3 : 4],
    [28, 0xfffe],
    [30, Math.log2(sector)],
    [32, 6],
  ]
  for (const [at, value] of words) bytes.writeUInt16LE(value, at)
  const longs: [at: number, value: number][] = [
    [44, tables.length],
    [48, directoryAt],
    [56, miniCutoff],
    [60, miniAt],
    [64, miniCount],
    [68, end],
  ]
  for (const [at, value] of longs) bytes.writeUInt32LE(value, at)
  bytes.fill(0xff, 76, 512)
  for (const [index, at] of tables.entries()) bytes.writeUInt32LE(at, 76 + index * 4)
  return bytes
}

function entry(name: string, type: number, first: number, size: number): Buffer {
  const bytes = Buffer.alloc(128)
  bytes.write(name, 0, 'utf16le')
  bytes.writeUInt16LE(type === 0 ? 0 : (name.length + 1) * 2, 64)
  bytes[66] = type
  bytes[67] = 1
  for (const at of [68, 72, 76]) bytes.writeUInt32LE(free, at)
  bytes.writeUInt32LE(first, 116)
  bytes.writeUInt32LE(size, 120)
  return bytes
}

function numbers(values: readonly number[], sector: number): Buffer {
  const bytes = Buffer.alloc(Math.ceil((values.length * 4) / sector) * sector, 0xff)
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4)
  return bytes
}

function padded(data: Buffer, size: number): Buffer {
  return Buffer.concat([data, Buffer.alloc((size - (data.length % size)) % size)])
}
