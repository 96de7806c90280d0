// Undoes the filters of PDF streams. Tolerant of missing end marks; bounded by the budget. Source: ISO 32000-1, 7.4.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Budget } from '../budget.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import { inflate } from '../inflate.ts'
import { type Predictor, unpredicted } from './pdf-predictors.ts'

export interface Decoded {
  readonly bytes: Buffer
  /** Why it is not all of it. */
  readonly problem?: NotScannedReason
}

export interface Filter {
  readonly name: string
  /** What was done to the bytes before they were packed. */
  readonly predictor?: Predictor
  /** How many codes early the codes of LZW become longer; 1 where nothing is said. */
  readonly early?: number
}

const shortNames: Readonly<Record<string, string>> = {
  Fl: 'FlateDecode',
  AHx: 'ASCIIHexDecode',
  A85: 'ASCII85Decode',
  LZW: 'LZWDecode',
  RL: 'RunLengthDecode',
}
/** Filters of pictures: there is nothing behind them that this product looks at. */
export const pictureFilters: ReadonlySet<string> = new Set([
  'DCTDecode',
  'JPXDecode',
  'CCITTFaxDecode',
  'JBIG2Decode',
  'DCT',
  'CCF',
])
const mostFilters = 8

/** `filters` in the order in which they are undone. */
export async function decodeStream(packed: Buffer, filters: readonly Filter[], budget: Budget): Promise<Decoded> {
  let decoded: Decoded = { bytes: packed }
  if (filters.length > mostFilters) return { bytes: packed, problem: 'recursion' }
  for (const filter of filters) {
    const next = await undo(filter, decoded.bytes, budget)
    if (next === null) return { bytes: decoded.bytes, problem: 'unsupported' }
    decoded = next.problem === undefined && decoded.problem !== undefined ? { ...next, problem: decoded.problem } : next
  }
  return decoded
}

async function undo(filter: Filter, bytes: Buffer, budget: Budget): Promise<Decoded | null> {
  const unpacked = await unpack(filter, bytes, budget)
  if (unpacked === null || filter.predictor === undefined) return unpacked
  const plain = unpredicted(unpacked.bytes, filter.predictor)
  return plain === null ? null : { ...unpacked, bytes: plain }
}

async function unpack({ name, early }: Filter, bytes: Buffer, budget: Budget): Promise<Decoded | null> {
  switch (shortNames[name] ?? name) {
    case 'FlateDecode':
      return inflate(bytes, 'zlib', budget)
    case 'ASCIIHexDecode':
      return { bytes: hexBytes(bytes) }
    case 'ASCII85Decode':
      return ascii85(bytes, budget.room())
    case 'RunLengthDecode':
      return runLengths(bytes, budget.room())
    case 'LZWDecode':
      return lzw(bytes, budget.room(), early ?? 1)
    // Of a document that is not encrypted it changes nothing.
    case 'Crypt':
      return { bytes }
    default:
      return null
  }
}

/** Digits up to a `>`; everything else is skipped. */
export function hexBytes(text: Buffer): Buffer {
  const close = text.indexOf(0x3e)
  const bytes = new GrowingBytes(text.length)
  let high = -1
  for (let at = 0; at < (close === -1 ? text.length : close); at += 1) {
    const digit = hexDigit(text[at] ?? 0)
    if (digit < 0) continue
    if (high < 0) high = digit
    else {
      bytes.push((high << 4) | digit)
      high = -1
    }
  }
  // A digit alone is the first one of its byte.
  if (high >= 0) bytes.push(high << 4)
  return bytes.take()
}

/** Negative for what is no hexadecimal digit. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const upper = byte & 0xdf
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1
}

function ascii85(text: Buffer, most: number): Decoded {
  const bytes = new GrowingBytes(most)
  let [value, count] = [0, 0]
  const add = (wanted: number): void => {
    for (let byte = 0; byte < wanted; byte += 1) bytes.push(Math.floor(value / 2 ** (24 - byte * 8)) & 0xff)
  }
  for (let at = 0; at < text.length && !bytes.isCut; at += 1) {
    const byte = text[at] ?? 0
    if (byte === 0x7e) break
    if (byte === 0x7a && count === 0) bytes.fill(0, 4)
    if (byte < 0x21 || byte > 0x75) continue
    value = value * 85 + (byte - 0x21)
    count += 1
    if (count < 5) continue
    add(4)
    value = 0
    count = 0
  }
  if (count > 1) {
    for (let fill = count; fill < 5; fill += 1) value = value * 85 + 84
    add(count - 1)
  }
  return boundedBy(bytes)
}

function runLengths(packed: Buffer, most: number): Decoded {
  const bytes = new GrowingBytes(most)
  for (let at = 0; at < packed.length && !bytes.isCut; ) {
    const length = packed[at] ?? 128
    if (length === 128) break
    const end = length < 128 ? Math.min(packed.length, at + 2 + length) : at + 2
    if (length > 128) bytes.fill(packed[at + 1] ?? 0, 257 - length)
    else for (let place = at + 1; place < end; place += 1) bytes.push(packed[place] ?? 0)
    at = end
  }
  return boundedBy(bytes)
}

const [clearCode, endCode, firstCode, mostCodes] = [256, 257, 258, 4096]

/** Codes of 9 to 12 bits, the longer ones `early` codes before they are needed. */
function lzw(packed: Buffer, most: number, early: number): Decoded {
  const bytes = new GrowingBytes(most)
  // What a code stands for came out before: where that begins and how long it is.
  const [starts, lengths] = [new Uint32Array(mostCodes), new Uint32Array(mostCodes)]
  let [codes, width, bits, held] = [firstCode, 9, 0, 0]
  let last: { readonly start: number; readonly length: number } | null = null
  for (let at = 0; at < packed.length && !bytes.isCut; at += 1) {
    held = ((held << 8) | (packed[at] ?? 0)) & 0xffffff
    bits += 8
    if (bits < width) continue
    bits -= width
    const code = (held >> bits) & ((1 << width) - 1)
    if (code === endCode) break
    if (code === clearCode) {
      ;[codes, width, last] = [firstCode, 9, null]
      continue
    }
    // One that is just being made stands for the last one and its own first byte.
    if (last !== null && codes < mostCodes) {
      starts[codes] = last.start
      lengths[codes] = last.length + 1
      codes += 1
    }
    if (code >= codes) return { bytes: bytes.take(), problem: 'corrupt' }
    const start = bytes.length
    if (code < clearCode) bytes.push(code)
    else bytes.copy(starts[code] ?? 0, lengths[code] ?? 0)
    last = { start, length: bytes.length - start }
    while (width < 12 && codes + early >= 1 << width) width += 1
  }
  return boundedBy(bytes)
}

function boundedBy(bytes: GrowingBytes): Decoded {
  return bytes.isCut ? { bytes: bytes.take(), problem: 'too-big' } : { bytes: bytes.take() }
}
