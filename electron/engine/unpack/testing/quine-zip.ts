// Makes a ZIP whose one member is the ZIP itself, byte for byte: it can be unpacked for ever.
// After Russ Cox, "Zip Files All The Way Down". The checksum is left zero; scanners do not look at it.
import { directoryEntry, endRecord, localHeader } from './archives.ts'

const name = Buffer.from('r.zip')

export function makeQuineZip(): Buffer {
  // The sizes come out the same whatever is written into their fields.
  const draft = assemble(0, 0)
  const packed = draft.stream.length
  const { prefix, stream, suffix } = assemble(packed, draft.prefix.length + packed + draft.suffix.length)
  return Buffer.concat([prefix, stream, suffix])
}

function assemble(packed: number, size: number): { prefix: Buffer; stream: Buffer; suffix: Buffer } {
  const fields = { packed, size, flags: 0, method: 8 }
  const prefix = localHeader(name, fields)
  const entry = directoryEntry(name, { ...fields, at: 0 })
  const suffix = Buffer.concat([entry, endRecord(1, entry.length, prefix.length + packed)])
  const [none, one, four] = [literal(0), literal(5), literal(20)]
  const again = repeat(20, 'two halves')
  const start = literal(prefix.length + 5)
  const startAgain = repeat(prefix.length + 5, 'and an empty block')
  const endAgain = repeat(suffix.length + 4, 'last')
  const finish = literal(endAgain.length + suffix.length)
  const stream = Buffer.concat([
    ...[start, prefix, start],
    ...[startAgain, one, startAgain, one, one],
    ...[four, startAgain, one, one, four],
    ...[again, four, again, four, again, four],
    ...[again, four, again, none, none, finish],
    ...[again, none, none, finish, endAgain, suffix],
    endAgain,
  ])
  return { prefix, stream, suffix }
}

/** Head of a block of so many bytes that follow as they are; five bytes long. */
function literal(length: number): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt16LE(length, 1)
  head.writeUInt16LE(length ^ 0xffff, 3)
  return head
}

/** A block that repeats the last `length` bytes: five bytes long, so that the next block begins where it should. */
function repeat(length: number, kind: 'two halves' | 'and an empty block' | 'last'): Buffer {
  const bits: number[] = []
  const put = (value: number, count: number): void => {
    for (let bit = 0; bit < count; bit += 1) bits.push((value >> bit) & 1)
  }
  const putCode = (code: number, count: number): void => {
    for (let bit = count - 1; bit >= 0; bit -= 1) bits.push((code >> bit) & 1)
  }
  const begin = (isLast: boolean): void => put(isLast ? 3 : 2, 3)
  const match = (matched: number): void => {
    const [code, lowest, extra] = row(lengthRows, matched)
    putCode(code - 256, 7)
    put(matched - lowest, extra)
    const [distance, nearest, more] = row(distanceRows, length)
    putCode(distance, 5)
    put(length - nearest, more)
  }
  const end = (): void => putCode(0, 7)
  begin(kind === 'last')
  if (kind === 'two halves') match(length / 2)
  match(kind === 'two halves' ? length / 2 : length)
  end()
  if (kind === 'and an empty block') {
    begin(false)
    end()
  }
  const bytes = Buffer.alloc(Math.ceil(bits.length / 8))
  bits.forEach((bit, at) => {
    bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (bit << (at & 7))
  })
  return bytes
}

type Row = readonly [code: number, lowest: number, extraBits: number]

/** The rows of Deflate's tables that are needed here. */
const lengthRows: readonly Row[] = [
  [264, 10, 0],
  [273, 35, 3],
  [274, 43, 3],
  [277, 67, 4],
]
const distanceRows: readonly Row[] = [
  [8, 17, 3],
  [10, 33, 4],
  [12, 65, 5],
]

function row(rows: readonly Row[], value: number): Row {
  const found = rows.findLast(([, lowest, extra]) => lowest <= value && value < lowest + 2 ** extra)
  if (found === undefined) throw new Error(`no row for ${value}`)
  return found
}
