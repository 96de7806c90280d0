// Opens the objects in RTF documents: hexadecimal text, however it is broken up, of embedded OLE data.
// Sources: the RTF 1.9.1 specification, [MS-OLEDS] 2.2.5. Never renders, never follows a link from inside.
import type { Format } from '../../identify/identify.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import type { Member, Unpacker } from '../unpacker.ts'
import { packagedFile } from './packaged-file.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['rtf'])
const objectData = '\\objdata'
const compoundMark = Buffer.from('d0cf11e0a1b11ae1', 'hex')

/** Objects in one that has not ended: each is read to the end of the outer one once more. */
const mostInside = 16

export const rtfUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, budget }) {
    let [index, inside, reached] = [0, 0, 0]
    for (let at = bytes.indexOf(objectData); at !== -1; at = bytes.indexOf(objectData, at + 1)) {
      if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
      inside = at < reached ? inside + 1 : 0
      if (inside > mostInside) {
        yield { kind: 'problem', reason: 'member-count' }
        at = reached - 1
        continue
      }
      index += 1
      const data = hexData(bytes, at + objectData.length)
      reached = Math.max(reached, data.end)
      if (data.bytes.length > 0) yield memberOf(data, index)
    }
  },
}

function memberOf({ bytes: data, isOpen }: ObjectData, index: number): Member {
  const name = Buffer.from(`object-${index}`)
  const embedded = embeddedData(data)
  if (embedded === null) {
    // Damaged on purpose, or of a kind that is read by its mark alone.
    const mark = data.indexOf(compoundMark)
    return content({ name, bytes: mark === -1 ? data : data.subarray(mark) }, isOpen)
  }
  const file = embedded.kind === 'package' ? packagedFile(embedded.bytes) : null
  return file === null ? content({ name, bytes: embedded.bytes }, embedded.isCut) : content(file, file.isCut)
}

function content({ name, bytes }: { readonly name: Buffer; readonly bytes: Buffer }, isCut: boolean): Member {
  const member = { kind: 'content', name, bytes } as const
  return isCut ? { ...member, problem: 'truncated' } : member
}

/** Version, kind (2 = embedded), then three texts with their lengths, then the data with its length. */
function embeddedData(data: Buffer): { readonly kind: string; readonly bytes: Buffer; readonly isCut: boolean } | null {
  if (data.length < 12 || data.readUInt32LE(4) !== 2) return null
  let at = 8
  let kind = ''
  for (let text = 0; text < 3; text += 1) {
    if (at + 4 > data.length) return null
    const length = data.readUInt32LE(at)
    if (length > 256 || at + 4 + length > data.length) return null
    if (text === 0) kind = data.toString('latin1', at + 4, at + 3 + length).toLowerCase()
    at += 4 + length
  }
  if (at + 4 > data.length) return null
  const size = data.readUInt32LE(at)
  const bytes = data.subarray(at + 4, at + 4 + size)
  return bytes.length === 0 ? null : { kind, bytes, isCut: bytes.length < size }
}

interface ObjectData {
  readonly bytes: Buffer
  /** Where its group ends. */
  readonly end: number
  /** The document ends first. */
  readonly isOpen: boolean
}

/** Digits up to the end of the group; spaces, other groups and control words in between are what readers skip. */
function hexData(bytes: Buffer, from: number): ObjectData {
  const data = new GrowingBytes(bytes.length)
  let high = -1
  let [depth, at] = [0, from]
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    if (byte === 0x7b) depth += 1
    else if (byte === 0x7d) {
      depth -= 1
      if (depth < 0) break
    } else if (byte === 0x5c) {
      const raw = rawData(bytes, at)
      if (raw === null) at = endOfControl(bytes, at)
      else {
        if (depth === 0) data.append(raw.bytes)
        at = raw.last
      }
    } else if (depth === 0) {
      const digit = hexDigit(byte)
      if (digit < 0) continue
      if (high < 0) high = digit
      else {
        data.push((high << 4) | digit)
        high = -1
      }
    }
  }
  return { bytes: data.take(), end: Math.min(at, bytes.length), isOpen: at >= bytes.length }
}

/** `\binN`: the next N bytes are the data itself. Null for any other control. */
function rawData(bytes: Buffer, at: number): { readonly bytes: Buffer; readonly last: number } | null {
  const [word, count] = /^\\bin(\d{1,10})(?![a-z\d]) ?/i.exec(bytes.toString('latin1', at, at + 20)) ?? []
  if (word === undefined || Number(count) === 0) return null
  const from = at + word.length
  const raw = bytes.subarray(from, from + Number(count))
  return { bytes: raw, last: from + raw.length - 1 }
}

/** Last place of a control word (`\abc-12`, with one space behind it) or symbol (`\'41`, `\*`). */
function endOfControl(bytes: Buffer, at: number): number {
  const isLetter = (place: number): boolean => /[a-z]/i.test(String.fromCharCode(bytes[place] ?? 0))
  if (!isLetter(at + 1)) return bytes[at + 1] === 0x27 ? at + 3 : at + 1
  let end = at + 1
  while (isLetter(end + 1)) end += 1
  if (bytes[end + 1] === 0x2d) end += 1
  while (/\d/.test(String.fromCharCode(bytes[end + 1] ?? 0))) end += 1
  return bytes[end + 1] === 0x20 ? end + 1 : end
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const upper = byte & 0xdf
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1
}
