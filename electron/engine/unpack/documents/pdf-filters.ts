// Undoes the filters of PDF streams. Tolerant of missing end marks; bounded by the budget. Source: ISO 32000-1, 7.4.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Budget } from '../budget.ts'
import { inflate } from '../inflate.ts'

export interface Decoded {
  readonly bytes: Buffer
  /** Why it is not all of it. */
  readonly problem?: NotScannedReason
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
export async function decodeStream(packed: Buffer, filters: readonly string[], budget: Budget): Promise<Decoded> {
  let decoded: Decoded = { bytes: packed }
  if (filters.length > mostFilters) return { bytes: packed, problem: 'recursion' }
  for (const filter of filters) {
    const next = await undo(shortNames[filter] ?? filter, decoded.bytes, budget)
    if (next === null) return { bytes: decoded.bytes, problem: 'unsupported' }
    decoded = next.problem === undefined && decoded.problem !== undefined ? { ...next, problem: decoded.problem } : next
  }
  return decoded
}

async function undo(filter: string, bytes: Buffer, budget: Budget): Promise<Decoded | null> {
  switch (filter) {
    case 'FlateDecode':
      return inflate(bytes, 'zlib', budget)
    case 'ASCIIHexDecode':
      return { bytes: hexBytes(bytes.toString('latin1')) }
    case 'ASCII85Decode':
      return { bytes: ascii85(bytes) }
    case 'RunLengthDecode':
      return runLengths(bytes, budget.room())
    case 'LZWDecode':
      return lzw(bytes, budget.room())
    default:
      return null
  }
}

/** Digits up to a `>`; everything else is skipped. */
export function hexBytes(text: string): Buffer {
  const digits = (text.split('>', 1)[0] ?? '').replace(/[^0-9a-f]/gi, '')
  return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, 'hex')
}

function ascii85(text: Buffer): Buffer {
  const bytes = Buffer.alloc(Math.ceil((text.length * 4) / 5) + text.length * 4 * Number(text.includes('z')) + 4)
  let [to, value, count] = [0, 0, 0]
  for (const byte of text) {
    if (byte === 0x7e) break
    if (byte === 0x7a && count === 0) {
      to += 4
      continue
    }
    if (byte < 0x21 || byte > 0x75) continue
    value = value * 85 + (byte - 0x21)
    count += 1
    if (count < 5) continue
    bytes.writeUInt32BE(value % 2 ** 32, to)
    to += 4
    value = 0
    count = 0
  }
  if (count > 1) {
    for (let fill = count; fill < 5; fill += 1) value = value * 85 + 84
    bytes.writeUInt32BE(value % 2 ** 32, to)
    to += count - 1
  }
  return bytes.subarray(0, to)
}

function runLengths(bytes: Buffer, most: number): Decoded {
  const pieces: Buffer[] = []
  let size = 0
  for (let at = 0; at < bytes.length; ) {
    const length = bytes[at] ?? 128
    if (length === 128) break
    const piece =
      length < 128 ? bytes.subarray(at + 1, at + 2 + length) : Buffer.alloc(257 - length, bytes[at + 1] ?? 0)
    size += piece.length
    if (size > most) return { bytes: Buffer.concat(pieces), problem: 'too-big' }
    pieces.push(piece)
    at += length < 128 ? length + 2 : 2
  }
  return { bytes: Buffer.concat(pieces) }
}

const [clearCode, endCode, mostCodes] = [256, 257, 4096]

/** Codes of 9 to 12 bits, the longer ones one code early, as PDF has them by default. */
function lzw(bytes: Buffer, most: number): Decoded {
  const table: Buffer[] = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]))
  const pieces: Buffer[] = []
  let [size, width, bits, held] = [0, 9, 0, 0]
  let last: Buffer | null = null
  const reset = (): void => {
    table.length = 258
    width = 9
    last = null
  }
  reset()
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffffff
    bits += 8
    if (bits < width) continue
    bits -= width
    const code = (held >> bits) & ((1 << width) - 1)
    if (code === endCode) break
    if (code === clearCode) {
      reset()
      continue
    }
    const piece = entryFor(table, code, last)
    if (piece === null) return { bytes: Buffer.concat(pieces), problem: 'corrupt' }
    size += piece.length
    if (size > most) return { bytes: Buffer.concat(pieces), problem: 'too-big' }
    pieces.push(piece)
    if (last !== null && table.length < mostCodes) table.push(Buffer.concat([last, piece.subarray(0, 1)]))
    last = piece
    width = Math.min(12, Math.max(9, Math.floor(Math.log2(table.length + 1)) + 1))
  }
  return { bytes: Buffer.concat(pieces) }
}

/** What a code stands for; one that is just being made stands for the last one and its own first byte. */
function entryFor(table: readonly Buffer[], code: number, last: Buffer | null): Buffer | null {
  const known = code < table.length ? table[code] : undefined
  if (known !== undefined) return known
  return last !== null && code === table.length ? Buffer.concat([last, last.subarray(0, 1)]) : null
}
