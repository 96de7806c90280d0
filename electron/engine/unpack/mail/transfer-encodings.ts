// Undoes the encodings that bring bytes through mail and text: base64, quoted-printable, uuencode.
// Tolerant like the programs that read mail: what cannot belong to an encoding is left out, a missing end is no end.
import type { Budget } from '../budget.ts'
import { GrowingBytes } from '../growing-bytes.ts'

const padding = 0x3d
const base64Values = new Int8Array(256).fill(-1)
for (const [value, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  base64Values[digit.charCodeAt(0)] = value

/** Bytes of a base64 text; characters of no meaning are skipped, and padding does not end it. */
export function decodeBase64(text: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(Math.ceil((text.length * 3) / 4))
  let [to, bits, count] = [0, 0, 0]
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0
    if (byte === padding) [bits, count] = [0, 0]
    const value = base64Values[byte] ?? -1
    if (value < 0) continue
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count < 8) continue
    count -= 8
    bytes[to++] = (bits >> count) & 0xff
  }
  return bytes.subarray(0, to)
}

/** Bytes of a quoted-printable text. */
export function decodeQuotedPrintable(text: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(text.length)
  let to = 0
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0
    if (byte !== 0x3d) {
      decoded[to++] = byte
      continue
    }
    const lineBreak = softBreak(text, at + 1)
    if (lineBreak > 0) {
      at += lineBreak
      continue
    }
    const value = (hexDigit(text[at + 1]) << 4) | hexDigit(text[at + 2])
    if (value < 0) decoded[to++] = byte
    else {
      decoded[to++] = value
      at += 2
    }
  }
  return decoded.subarray(0, to)
}

/** `%41` is the byte of that number. */
export function decodePercent(text: Buffer): Buffer {
  const decoded = Buffer.allocUnsafe(text.length)
  let to = 0
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at] ?? 0
    const value = byte === 0x25 ? (hexDigit(text[at + 1]) << 4) | hexDigit(text[at + 2]) : -1
    decoded[to++] = value < 0 ? byte : value
    if (value >= 0) at += 2
  }
  return decoded.subarray(0, to)
}

/** Bytes to skip when the line goes on after a `=`; 0 when it does not. */
function softBreak(text: Buffer, from: number): number {
  let at = from
  while (text[at] === 0x20 || text[at] === 0x09) at += 1
  const isReturn = text[at] === 0x0d
  if (isReturn) at += 1
  if (text[at] === 0x0a) return at - from + 1
  return isReturn ? at - from : 0
}

/** Negative for what is no hexadecimal digit. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return -1
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const upper = byte & 0xdf
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1
}

/** One file in uuencode (or base64 in its frame) within a text. */
export interface UuFile {
  readonly name: Buffer
  readonly bytes: Buffer
  /** False when the text ended before the file did. */
  readonly isComplete: boolean
  /** Where it lies in the text. */
  readonly from: number
  readonly to: number
}

const begin = /^begin(-base64)?[ \t]+[0-7]{3,6}[ \t]+(\S[^\r\n]{0,1000})/
const beginWord = 'begin'

/** Enough for the beginning of a first line. */
const firstLineBytes = 100
/** With more of them it is for whoever opens it, and looks at the clock, to find out. */
const mostWords = 100_000

/** True when a file in uuencode begins in this text, at any place. */
export function holdsUuFile(text: Buffer): boolean {
  let at = text.indexOf(beginWord)
  for (let words = 0; at !== -1; words += 1) {
    const startsLine = at === 0 || text[at - 1] === 0x0a
    if (words === mostWords || (startsLine && begin.test(text.toString('latin1', at, at + firstLineBytes)))) return true
    at = text.indexOf(beginWord, at + 1)
  }
  return false
}

/** All uuencoded files in a text, in their order, as far as the budget's time goes. */
export function* uuFiles(text: Buffer, budget: Budget): Generator<UuFile> {
  let at = text.indexOf(beginWord)
  while (at !== -1 && !budget.isOverTime()) {
    const startsLine = at === 0 || text[at - 1] === 0x0a
    const head = startsLine ? begin.exec(text.toString('latin1', at, at + 1100)) : null
    if (head === null) {
      at = text.indexOf(beginWord, at + 1)
      continue
    }
    const name = Buffer.from((head[2] ?? '').trim(), 'latin1')
    const content =
      head[1] === undefined ? uuContent(text, nextLine(text, at), budget) : base64Content(text, nextLine(text, at))
    if (content.bytes.length > 0)
      yield {
        name,
        bytes: content.bytes,
        isComplete: content.isComplete,
        from: at,
        to: Math.min(content.end, text.length),
      }
    at = text.indexOf(beginWord, Math.max(content.end, at + 1))
  }
}

interface Content {
  readonly bytes: Buffer
  readonly isComplete: boolean
  readonly end: number
}

function uuContent(text: Buffer, from: number, budget: Budget): Content {
  const bytes = new GrowingBytes(text.length - from)
  let at = from
  while (at < text.length && !budget.isOverTime()) {
    const lineFeed = text.indexOf(0x0a, at)
    const end = lineFeed === -1 ? text.length : lineFeed
    // A line whose blanks got lost on the way, at the end or in between.
    if (end === at || (end === at + 1 && text[at] === 0x0d)) {
      at = end + 1
      continue
    }
    const length = ((text[at] ?? 0x20) - 0x20) & 0x3f
    const isEnd = length === 0 || (text[at] === 0x65 && text.toString('latin1', at, at + 3) === 'end')
    if (isEnd) return { bytes: bytes.take(), isComplete: true, end }
    // A longer line is no line of this.
    if (end - at > Math.ceil(length / 3) * 4 + 4 || !isUuLine(text, at, end))
      return { bytes: bytes.take(), isComplete: false, end: at }
    decodeUuLine(text, { from: at + 1, end, length }, bytes)
    at = end + 1
  }
  return { bytes: bytes.take(), isComplete: false, end: text.length }
}

/** Blanks at the end of a line get lost on the way: they are zeros. */
function decodeUuLine(text: Buffer, line: { from: number; end: number; length: number }, bytes: GrowingBytes): void {
  const digit = (place: number): number => (place >= line.end ? 0 : ((text[place] ?? 0x20) - 0x20) & 0x3f)
  for (let [at, left] = [line.from, line.length]; left > 0; at += 4, left -= 3) {
    const value = (digit(at) << 18) | (digit(at + 1) << 12) | (digit(at + 2) << 6) | digit(at + 3)
    bytes.push(value >> 16)
    if (left > 1) bytes.push((value >> 8) & 0xff)
    if (left > 2) bytes.push(value & 0xff)
  }
}

function isUuLine(text: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) {
    const byte = text[at] ?? 0
    if ((byte < 0x20 || byte > 0x60) && byte !== 0x0d) return false
  }
  return true
}

function base64Content(text: Buffer, from: number): Content {
  const mark = text.indexOf('====', from)
  const end = mark === -1 ? text.length : mark
  return { bytes: decodeBase64(text.subarray(from, end)), isComplete: mark !== -1, end }
}

function nextLine(text: Buffer, at: number): number {
  const end = text.indexOf(0x0a, at)
  return end === -1 ? text.length : end + 1
}
