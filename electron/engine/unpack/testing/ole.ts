// Makes a minimal OLE compound file for tests: sectors of 512 bytes, small streams in the mini stream, one folder.

const sector = 512
const miniSector = 64
const miniCutoff = 4096
const [free, end, tableMark] = [0xffffffff, 0xfffffffe, 0xfffffffd]

export interface OleStreamSpec {
  readonly name: string
  readonly data: Buffer
}

/** At most 100 sectors of content: one sector of allocation table. `kind`: class of the root, 16 bytes. */
export function makeOle(streams: readonly OleStreamSpec[], kind = Buffer.alloc(16)): Buffer {
  const table = new Uint32Array(sector / 4).fill(free)
  const sectors: Buffer[] = []
  const place = (data: Buffer): number => {
    const first = sectors.length + 1
    const count = Math.ceil(data.length / sector)
    for (let piece = 0; piece < count; piece += 1) {
      sectors.push(padded(data.subarray(piece * sector, (piece + 1) * sector), sector))
      table[first + piece] = piece === count - 1 ? end : first + piece + 1
    }
    return count === 0 ? end : first
  }
  table[0] = tableMark
  const mini: Buffer[] = []
  const miniTable = new Uint32Array(sector / 4).fill(free)
  const entries = streams.map(({ name, data }) => {
    if (data.length >= miniCutoff) return entry(name, 2, place(data), data.length)
    const [first, count] = [mini.length, Math.ceil(data.length / miniSector)]
    for (let piece = 0; piece < count; piece += 1) {
      mini.push(padded(data.subarray(piece * miniSector, (piece + 1) * miniSector), miniSector))
      miniTable[first + piece] = piece === count - 1 ? end : first + piece + 1
    }
    return entry(name, 2, count === 0 ? end : first, data.length)
  })
  // Every entry is the right sibling of the one before it: valid for readers that walk the tree.
  entries.slice(0, -1).forEach((item, index) => {
    item.writeUInt32LE(index + 2, 72)
  })
  const content = Buffer.concat(mini)
  const root = entry('Root Entry', 5, place(content), content.length)
  kind.copy(root, 80)
  if (entries.length > 0) root.writeUInt32LE(1, 76)
  const miniTableAt = mini.length === 0 ? end : place(Buffer.from(miniTable.buffer))
  const directoryAt = place(padded(Buffer.concat([root, ...entries]), sector))
  return Buffer.concat([header(directoryAt, miniTableAt), Buffer.from(table.buffer), ...sectors])
}

function header(directoryAt: number, miniTableAt: number): Buffer {
  const bytes = Buffer.alloc(sector)
  Buffer.from('d0cf11e0a1b11ae1', 'hex').copy(bytes)
  for (const [at, value] of [
    [24, 0x3e],
    [26, 3],
    [28, 0xfffe],
    [30, 9],
    [32, 6],
  ] as const)
    bytes.writeUInt16LE(value, at)
  for (const [at, value] of [
    [44, 1],
    [48, directoryAt],
    [56, miniCutoff],
    [60, miniTableAt],
    [64, miniTableAt === end ? 0 : 1],
    [68, end],
  ] as const)
    bytes.writeUInt32LE(value, at)
  bytes.fill(0xff, 76)
  bytes.writeUInt32LE(0, 76)
  return bytes
}

function entry(name: string, type: number, first: number, size: number): Buffer {
  const bytes = Buffer.alloc(128)
  bytes.write(name, 0, 'utf16le')
  bytes.writeUInt16LE((name.length + 1) * 2, 64)
  bytes[66] = type
  bytes[67] = 1
  for (const at of [68, 72, 76]) bytes.writeUInt32LE(free, at)
  bytes.writeUInt32LE(first, 116)
  bytes.writeUInt32LE(size, 120)
  return bytes
}

/** With zeros up to a multiple of `size`. */
function padded(data: Buffer, size: number): Buffer {
  return Buffer.concat([data, Buffer.alloc((size - (data.length % size)) % size)])
}
