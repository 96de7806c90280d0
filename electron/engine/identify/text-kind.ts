// What a text is: a mail, a page, something that carries files in letters, or a text and nothing else. Cheap words are looked
// for first: this runs over the start of every text file. Never decodes what it carries.

export type TextKind = 'mail' | 'uuencode' | 'binhex' | 'html' | 'text' | 'data'

import { binhexMark, binhexStart } from './binhex.ts'
import { mailboxKind } from './mail-box.ts'
import { isMailHead } from './mail-head.ts'

const startBytes = 4096
/** Blanks and zeros before it are passed over up to here. */
const passedBytes = 64 * 1024

/** Of a content that no magic number tells. */
export function textKind(bytes: Buffer): TextKind {
  if (isMailHead(bytes) || mailboxKind(bytes) !== null) return 'mail'
  const start = startOfText(bytes)
  const hasZeros = start.includes(0)
  const text = (hasZeros ? withoutZeros(start) : start).toString('latin1')
  const kind = textContainer(text)
  if (hasZeros) return kind === 'html' && isReadable(Buffer.from(text, 'latin1')) ? kind : 'data'
  return kind ?? (isReadable(start) ? 'text' : 'data')
}

/** The words that only pages have, at any place of a text. */
export const pageWord = /<(?:!doctype html|html|head|body|svg|script)[\s>]/i

/** The letters of UTF-16 without their other half, and what else zeros were put between. */
export function withoutZeros(bytes: Buffer): Buffer {
  return bytes.filter((byte) => byte !== 0) as Buffer
}

/** From its first letter on; from the beginning when there is none. */
function startOfText(bytes: Buffer): Buffer {
  let at = 0
  while (at < passedBytes && at < bytes.length && isBlank(bytes[at] ?? 0)) at += 1
  return at < startBytes || at === bytes.length ? bytes.subarray(0, startBytes) : bytes.subarray(at, at + startBytes)
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0 || (byte >= 9 && byte <= 13)
}

/** By index: this runs over the start of every text file, and an iterator takes four times as long. */
function isReadable(start: Buffer): boolean {
  let controls = 0
  for (let at = 0; at < start.length; at += 1) {
    const byte = start[at] ?? 0
    if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12) controls += 1
  }
  return controls * 50 <= start.length
}

/** Only what has the right letters behind its first line: words about one are no file. */
function textContainer(text: string): TextKind | null {
  if (text.includes('begin') && isUu(text)) return 'uuencode'
  if (text.includes(binhexMark) && binhexStart(Buffer.from(text, 'latin1')) !== -1) return 'binhex'
  if (text.includes('<') && pageWord.test(text)) return 'html'
  return null
}

const uuHead = /^begin(-base64)?[ \t]+[0-7]{3,6}[ \t]+\S[^\r\n]*(?:\r?\n|\r)([^\r\n]*)/gm

function isUu(text: string): boolean {
  for (const [, isBase64, line = ''] of text.matchAll(uuHead))
    if (isBase64 === undefined ? isUuLine(line) : /^[A-Za-z0-9+/]{2,}={0,2}$/.test(line)) return true
  return false
}

/** As long as its first letter says; or the end of an empty file. */
function isUuLine(line: string): boolean {
  if (/^[` ]?$|^end/.test(line)) return line !== ''
  const length = line.charCodeAt(0) - 0x20
  const letters = line.length - 1
  return /^[!-`][ -`]+$/.test(line) && letters >= (length * 4) / 3 && letters <= Math.ceil(length / 3) * 4 + 4
}
