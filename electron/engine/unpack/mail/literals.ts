// Finds files that stand in texts as base64 and are announced by nothing else: archives, programs and documents between quotes,
// however their letters are broken up; what flat Office documents, calendars and address cards carry.
// Sources: RFC 4648, RFC 5545 3.1, RFC 6350, ECMA-376 (flat OPC), ODF 1.3 (flat XML). Never runs anything of a script.

import { createHash } from 'node:crypto'
import { sourceOfBuffer } from '../../files/byte-source.ts'
import { kinds } from '../../identify/carried-kinds.ts'
import { type Format, identify } from '../../identify/identify.ts'
import { findEndRecord } from '../../identify/zip-end.ts'
import type { Unpacker } from '../unpacker.ts'
import { decodeBase64 } from './transfer-encodings.ts'

/** How they begin in base64: ZIP, programs, RAR, 7z, gzip, CAB, OLE, PDF, RTF, xz, bzip2, zstd, shortcut, OneNote, ActiveMime, EICAR. */
const marks =
  /UEsDB|TV[opqr][\w+/]A|f0VMR[gQ]|UmFyIRo|N3q8rycc|H4sI|TVNDRg|0M8R4KGx|JVBERi|e1xyd|\/Td6WF|QlpoO|KLUv\/|TAAAAAEUAg|5FJce4zY|QWN0aXZlTWltZQ|WDVPIVAlQEFQ/g
const element = /<(?:[\w.-]{1,40}:)?(?:binaryData|binData|binary-data)(?:\s[^<>]{0,500})?>/g
const card = /^[\s\xef\xbb\xbf]{0,16}BEGIN:V(?:CALENDAR|CARD)/i
const attached =
  /^(?:ATTACH|PHOTO|LOGO|SOUND|KEY|X-[\w-]{1,40})(;[^\n]{0,800}?ENCODING="?B(?:ASE64)?"?(?:;[^\n]{0,800}?)?):([A-Za-z0-9+/=]+)\r?$/gim
/** Between two pieces of one: line ends, also written out, and what joins texts in the languages of scripts. */
const gap =
  /(?:[ \t]{0,80}\r?\n[ \t]{0,80}|\\r\\n|\\n|\\(?=\/)|\\\r?\n|["'`]\s{0,80}(?:[+&.,]\s{0,80})?(?:_\s{0,80})?["'`]|&#(?:10|13|x0?[ad]);){1,4}/iy
const gapBytes = 400
const stepBytes = 1024 * 1024
const markBytes = 16
/** Of the letters; what is shorter is a mark and nothing else. */
const shortest = 60

export const literalUnpacker: Unpacker = {
  formats: new Set(),
  unpack: async function* ({ bytes, budget }) {
    let index = 0
    const seen = new Set<string>()
    for (const found of everything(bytes)) {
      if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
      // What has an element around it may have a mark too.
      const digest = createHash('sha256').update(found).digest('hex')
      if (found.length === 0 || seen.has(digest)) continue
      seen.add(digest)
      index += 1
      yield { kind: 'content', name: Buffer.from(`base64-${index}`), bytes: found }
    }
  },
}

/** True for a text in which something may be found. Goes through it once. */
export function holdsLiteral(text: Buffer): boolean {
  if (isCard(text)) return true
  for (const _ of placesOf(text, marks, true)) return true
  for (const _ of placesOf(text, element, false)) return true
  return false
}

function* everything(text: Buffer): Generator<Buffer> {
  if (isCard(text)) yield* inCard(text)
  for (const { at, length } of placesOf(text, element, false)) yield decodeBase64(piecesFrom(text, at + length).letters)
  let reached = 0
  for (const { at } of placesOf(text, marks, true)) {
    if (at < reached) continue
    const { letters, end } = piecesFrom(text, at)
    reached = end
    if (letters.length < shortest) continue
    const bytes = decodeBase64(letters)
    if (isFile(bytes)) yield bytes
  }
}

function isCard(text: Buffer): boolean {
  return card.test(text.toString('latin1', 0, 100))
}

/** Lines that go on begin with a blank. */
function* inCard(text: Buffer): Generator<Buffer> {
  const lines = text.toString('latin1').replace(/\r?\n[ \t]/g, '')
  for (const [, , letters = ''] of lines.matchAll(attached)) yield decodeBase64(Buffer.from(letters, 'latin1'))
}

/** Where the expression matches. `isStart`: only where no letter of base64 stands before it. */
function* placesOf(text: Buffer, expression: RegExp, isStart: boolean): Generator<{ at: number; length: number }> {
  const overlap = isStart ? markBytes : 600
  for (let from = 0; from < text.length; from += stepBytes) {
    const piece = text.toString('latin1', from, from + stepBytes + overlap)
    for (const { index, 0: found } of piece.matchAll(expression)) {
      const at = from + index
      if (index >= stepBytes) break
      if (!isStart || at === 0 || !isLetter(text[at - 1] ?? 0)) yield { at, length: found.length }
    }
  }
}

interface Pieces {
  readonly letters: Buffer
  readonly end: number
}

/** The letters from here on, over all gaps; padding ends them. */
function piecesFrom(text: Buffer, from: number): Pieces {
  const pieces: Buffer[] = []
  let at = from
  for (let isFirst = true; ; isFirst = false) {
    const joined = isFirst && isLetter(text[at] ?? 0) ? 0 : gapAt(text, at)
    const end = endOfLetters(text, at + joined)
    if (!isFirst && (joined === 0 || !isWholeLine(text, at, end))) break
    if (isFirst && end === at + joined) break
    pieces.push(text.subarray(at + joined, end))
    at = end
    if (text[at] === padding) break
  }
  return { letters: Buffer.concat(pieces), end: at }
}

const [padding, backslash] = [0x3d, 0x5c]

function gapAt(text: Buffer, at: number): number {
  gap.lastIndex = 0
  return gap.exec(text.toString('latin1', at, at + gapBytes))?.[0].length ?? 0
}

/** Words behind the letters belong to nobody. */
function isWholeLine(text: Buffer, from: number, end: number): boolean {
  const next = text[end]
  if (end === from || next === undefined || next === padding || next === backslash) return end !== from
  return /[\r\n<"'`&]/.test(String.fromCharCode(next))
}

function endOfLetters(text: Buffer, from: number): number {
  let at = from
  while (at < text.length && isLetter(text[at] ?? 0)) at += 1
  return at
}

function isLetter(byte: number): boolean {
  if (byte >= 0x61) return byte <= 0x7a
  if (byte >= 0x41) return byte <= 0x5a
  return (byte >= 0x2f && byte <= 0x39) || byte === 0x2b
}

const certain: ReadonlySet<Format> = new Set<Format>(['rtf', 'activemime'])

/** More than its mark says so; half a ZIP is an example of one. */
function isFile(bytes: Buffer): boolean {
  const format = identify(bytes)
  if (format === 'zip' || format === 'ooxml' || format === 'jar') return findEndRecord(sourceOfBuffer(bytes)) !== null
  if (certain.has(format) || bytes.toString('latin1', 0, 6) === 'X5O!P%') return true
  if (bytes.readUInt32LE(0) === 0x4c) return bytes.length > 76
  return kinds.some((kind) => kind.format === format && kind.isPlausible(bytes, 0, bytes.length))
}
