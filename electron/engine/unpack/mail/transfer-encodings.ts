// Undoes the encodings that bring bytes through mail and text: base64, quoted-printable, uuencode.
// Tolerant like the programs that read mail: what cannot belong to an encoding is left out, a missing end is no end.

/** Bytes of a base64 text; characters of no meaning are skipped, and padding does not end it. */
export function decodeBase64(text: Buffer): Buffer {
  const pieces: Buffer[] = []
  for (const run of text.toString('latin1').split('=')) {
    const digits = run.replace(/[^A-Za-z0-9+/]/g, '')
    if (digits.length > 1) pieces.push(Buffer.from(digits, 'base64'))
  }
  return pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces)
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

/** Bytes to skip when the line goes on after a `=`; 0 when it does not. */
function softBreak(text: Buffer, from: number): number {
  let at = from
  while (text[at] === 0x20 || text[at] === 0x09) at += 1
  if (text[at] === 0x0d) at += 1
  return text[at] === 0x0a ? at - from + 1 : 0
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
}

const begin = /^begin(-base64)?[ \t]+[0-7]{3,4}[ \t]+(\S[^\r\n]{0,1000})/
const beginWord = 'begin'

/** All uuencoded files in a text, in their order. */
export function* uuFiles(text: Buffer): Generator<UuFile> {
  let at = text.indexOf(beginWord)
  while (at !== -1) {
    const startsLine = at === 0 || text[at - 1] === 0x0a
    const head = startsLine ? begin.exec(text.toString('latin1', at, at + 1100)) : null
    if (head === null) {
      at = text.indexOf(beginWord, at + 1)
      continue
    }
    const name = Buffer.from((head[2] ?? '').trim(), 'latin1')
    const content =
      head[1] === undefined ? uuContent(text, nextLine(text, at)) : base64Content(text, nextLine(text, at))
    if (content.bytes.length > 0) yield { name, bytes: content.bytes, isComplete: content.isComplete }
    at = text.indexOf(beginWord, Math.max(content.end, at + 1))
  }
}

interface Content {
  readonly bytes: Buffer
  readonly isComplete: boolean
  readonly end: number
}

function uuContent(text: Buffer, from: number): Content {
  const bytes = Buffer.allocUnsafe(text.length - from)
  let to = 0
  let at = from
  while (at < text.length) {
    const end = text.indexOf(0x0a, at) === -1 ? text.length : text.indexOf(0x0a, at)
    const length = ((text[at] ?? 0x20) - 0x20) & 0x3f
    const isEnd = length === 0 || text.toString('latin1', at, at + 3) === 'end'
    if (isEnd) return { bytes: bytes.subarray(0, to), isComplete: true, end }
    const digits = Math.ceil(length / 3) * 4
    // Blanks at the end of a line get lost on the way: they are zeros. A longer line is no line of this.
    if (end - at > digits + 4 || !isUuLine(text, at, end))
      return { bytes: bytes.subarray(0, to), isComplete: false, end: at }
    for (let group = 0; group < digits; group += 4) {
      const digit = (index: number): number => {
        const place = at + 1 + group + index
        return place >= end ? 0 : ((text[place] ?? 0x20) - 0x20) & 0x3f
      }
      const value = (digit(0) << 18) | (digit(1) << 12) | (digit(2) << 6) | digit(3)
      const left = length - (group / 4) * 3
      bytes[to++] = value >> 16
      if (left > 1) bytes[to++] = (value >> 8) & 0xff
      if (left > 2) bytes[to++] = value & 0xff
    }
    at = end + 1
  }
  return { bytes: bytes.subarray(0, to), isComplete: false, end: text.length }
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
