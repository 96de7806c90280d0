// Changes bytes the way damage and attackers do: bits, numbers, blocks, words of the format, parts of another file.
// Pure and repeatable: the same bytes and the same random numbers give the same result. Knows no format.
import type { Random } from './random.ts'

export interface Stock {
  /** Words that mean something to the reader of the bytes. */
  readonly tokens: readonly Buffer[]
  /** Other inputs, to take parts from. */
  readonly others: readonly Buffer[]
  /** No result is longer. */
  readonly mostBytes: number
}

type Mutator = (bytes: Buffer, random: Random, stock: Stock) => Buffer

/** `bytes` with one to sixteen changes. The argument is left as it is. */
export function mutated(bytes: Buffer, random: Random, stock: Stock): Buffer {
  let result: Buffer = Buffer.from(bytes)
  const changes = random.oneIn(8) ? 1 + random.below(16) : 1 + random.below(4)
  for (let change = 0; change < changes; change += 1) {
    result = random.pick(mutators)(result, random, stock).subarray(0, stock.mostBytes)
  }
  return Buffer.from(result)
}

/** A part of the input or a word of it many times over: what takes more than its length in time or room shows here. */
export function flooded(bytes: Buffer, random: Random, stock: Stock): Buffer {
  const from = placeIn(bytes, random)
  const chunk = random.oneIn(3) ? bytes.subarray(from, from + 1 + random.below(64)) : floodWords(random, stock)
  if (chunk.length === 0) return bytes
  const room = Math.max(0, stock.mostBytes - bytes.length)
  const flood = repeated(chunk, Math.max(chunk.length, room >> random.below(6)))
  const at = random.oneIn(2) ? bytes.length : placeIn(bytes, random)
  const behind = random.oneIn(2) ? bytes.subarray(at) : Buffer.alloc(0)
  return Buffer.concat([bytes.subarray(0, at), flood, behind]).subarray(0, stock.mostBytes)
}

/** One or two words with little in between. */
function floodWords(random: Random, { tokens }: Stock): Buffer {
  const between = random.pick(['', '', ' ', '\n', '\r\n\r\n', '\0', '(', '"', ';', '=', '!', 'a', '0'])
  const words = Array.from({ length: 1 + random.below(3) }, () =>
    tokens.length === 0 ? random.bytes(1 + random.below(4)) : random.pick(tokens),
  )
  return Buffer.concat(words.flatMap((word) => [word, Buffer.from(between, 'latin1')]))
}

const mutators: readonly Mutator[] = [
  (bytes, random) => changed(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, random) => changed(bytes, random, () => random.below(256)),
  (bytes, random) => changed(bytes, random, () => random.pick([0, 0xff, 0x7f, 0x80, 0x20, 0x0a])),
  (bytes, random) => changed(bytes, random, (byte) => byte + random.pick([-16, -1, 1, 16])),
  withNumber,
  withNumber,
  withShiftedNumber,
  withDigits,
  withToken,
  withToken,
  withBlockTwice,
  withoutBlock,
  withNewBlock,
  withSwappedBlocks,
  cut,
  spliced,
  filled,
]

/** Half of the changes are near the beginning or the end, where formats say what follows. */
function placeIn(bytes: Buffer, random: Random): number {
  if (bytes.length === 0) return 0
  const near = Math.min(bytes.length, 96)
  if (random.oneIn(3)) return random.below(near)
  if (random.oneIn(3)) return bytes.length - 1 - random.below(near)
  return random.below(bytes.length)
}

function changed(bytes: Buffer, random: Random, change: (byte: number) => number): Buffer {
  const at = placeIn(bytes, random)
  if (at < bytes.length) bytes[at] = change(bytes[at] ?? 0) & 0xff
  return bytes
}

/** Numbers that programs are wrong about, and those about this input's own size. */
function withNumber(bytes: Buffer, random: Random): Buffer {
  const { length } = bytes
  const values = [0, 1, -1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000]
  const value = random.pick([...values, 0xfffffffe, length, length - 1, length + 1, length * 2, 0x20000000])
  return written(bytes, placeIn(bytes, random), value, random)
}

function withShiftedNumber(bytes: Buffer, random: Random): Buffer {
  const at = placeIn(bytes, random)
  if (at + 4 > bytes.length) return bytes
  const value = random.oneIn(2) ? bytes.readUInt32LE(at) : bytes.readUInt16LE(at)
  return written(bytes, at, value + random.pick([-4, -2, -1, 1, 2, 4, 512]), random)
}

function written(bytes: Buffer, at: number, value: number, random: Random): Buffer {
  const width = random.pick([1, 2, 4, 4, 8])
  const number = Buffer.alloc(8)
  number.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)))
  const little = number.subarray(0, width)
  const placed = random.oneIn(2) ? little : Buffer.from(little).reverse()
  placed.copy(bytes, at)
  return bytes
}

/** A number that is written as text. */
function withDigits(bytes: Buffer, random: Random): Buffer {
  const from = placeIn(bytes, random)
  const found = /[0-9]+/.exec(bytes.toString('latin1', from, from + 512))
  if (found === null) return bytes
  const at = from + found.index
  const texts = ['0', '1', '-1', '7', '00000000', '99999999', '77777777777', '4294967295', '2147483648', '1e999', '']
  const value = random.pick([...texts, `${bytes.length}`, `${bytes.length + 1}`, `${Number(found[0]) + 1}`])
  if (random.oneIn(2)) {
    Buffer.from(value.padStart(found[0].length, '0')).copy(bytes, at, 0, found[0].length)
    return bytes
  }
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(value), bytes.subarray(at + found[0].length)])
}

function withToken(bytes: Buffer, random: Random, { tokens }: Stock): Buffer {
  if (tokens.length === 0) return bytes
  const token = random.pick(tokens)
  const at = placeIn(bytes, random)
  const chunk = random.oneIn(4) ? repeated(token, token.length * (1 + random.below(8))) : token
  return Buffer.concat([bytes.subarray(0, at), chunk, bytes.subarray(random.oneIn(2) ? at : at + chunk.length)])
}

function withBlockTwice(bytes: Buffer, random: Random): Buffer {
  const { from, to } = blockIn(bytes, random)
  const at = random.oneIn(2) ? to : placeIn(bytes, random)
  const times = random.oneIn(4) ? 1 + random.below(16) : 1
  const block = bytes.subarray(from, to)
  return Buffer.concat([bytes.subarray(0, at), repeated(block, block.length * times), bytes.subarray(at)])
}

function withoutBlock(bytes: Buffer, random: Random): Buffer {
  const { from, to } = blockIn(bytes, random)
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
}

function withNewBlock(bytes: Buffer, random: Random): Buffer {
  const at = placeIn(bytes, random)
  const block = random.oneIn(2) ? random.bytes(1 + random.below(64)) : Buffer.alloc(1 + random.below(600))
  return Buffer.concat([bytes.subarray(0, at), block, bytes.subarray(at)])
}

function withSwappedBlocks(bytes: Buffer, random: Random): Buffer {
  const { from, to } = blockIn(bytes, random)
  const at = placeIn(bytes, random)
  const block = Buffer.from(bytes.subarray(from, to))
  bytes.copy(bytes, from, at, at + block.length)
  block.copy(bytes, at)
  return bytes
}

function cut(bytes: Buffer, random: Random): Buffer {
  const at = placeIn(bytes, random)
  return random.oneIn(6) ? bytes.subarray(at) : bytes.subarray(0, at)
}

/** The beginning of this one and the end of another, or a piece of another in the middle. */
function spliced(bytes: Buffer, random: Random, { others }: Stock): Buffer {
  if (others.length === 0) return bytes
  const other = random.pick(others)
  const at = placeIn(bytes, random)
  if (random.oneIn(2)) return Buffer.concat([bytes.subarray(0, at), other.subarray(placeIn(other, random))])
  const { from, to } = blockIn(other, random)
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)])
}

function filled(bytes: Buffer, random: Random): Buffer {
  const { from, to } = blockIn(bytes, random)
  return bytes.fill(random.pick([0, 0xff, 0x41, random.below(256)]), from, to)
}

function blockIn(bytes: Buffer, random: Random): { readonly from: number; readonly to: number } {
  const from = placeIn(bytes, random)
  const length = random.oneIn(4) ? random.below(bytes.length) : random.below(64)
  return { from, to: Math.min(bytes.length, from + length + 1) }
}

function repeated(chunk: Buffer, length: number): Buffer {
  return chunk.length === 0 ? chunk : Buffer.alloc(length, chunk)
}
