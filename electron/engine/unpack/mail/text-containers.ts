// Opens files that hide in text: uuencode, BinHex 4.0, `data:` addresses of pages; and TNEF, the covers of Outlook.
// Sources: POSIX uuencode, RFC 1741 (BinHex), RFC 2397 (data:), the published TNEF format. Never runs or renders anything.
import { binhexBytes, binhexMark, binhexStart } from '../../identify/binhex.ts'
import type { Format } from '../../identify/identify.ts'
import { withLineFeeds } from '../../identify/line-ends.ts'
import { pageWord, withoutZeros } from '../../identify/text-kind.ts'
import { GrowingBytes } from '../growing-bytes.ts'
import type { Member, Unpacker } from '../unpacker.ts'
import { withoutReferences } from './references.ts'
import { decodeBase64, decodePercent, uuFiles } from './transfer-encodings.ts'

const uuFormats: ReadonlySet<Format> = new Set<Format>(['uuencode'])
const pageFormats: ReadonlySet<Format> = new Set<Format>(['html'])
const binhexFormats: ReadonlySet<Format> = new Set<Format>(['binhex'])
const tnefFormats: ReadonlySet<Format> = new Set<Format>(['tnef'])

export const uuUnpacker: Unpacker = {
  formats: uuFormats,
  unpack: async function* ({ bytes, budget }) {
    for (const { name, bytes: content, isComplete } of uuFiles(withLineFeeds(bytes), budget)) {
      if (isComplete) yield { kind: 'content', name, bytes: content }
      else yield { kind: 'content', name, bytes: content, problem: 'truncated' }
    }
    if (budget.isOverTime()) yield { kind: 'problem', reason: 'time-limit' }
  },
}

const dataAddress = /^data:([a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,60})?((?:;[^,;"'<>\s]{0,100}){0,8}),/i
/** What ends an address in a page. */
const addressEnd = /["'<>()`\\]/g
const longestStep = 64 * 1024

export const pageUnpacker: Unpacker = {
  formats: pageFormats,
  unpack: async function* ({ bytes: content, budget }) {
    const bytes = withoutReferences(inLetters(content))
    let found = 0
    for (const at of addressesIn(bytes)) {
      if (budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
      const head = dataAddress.exec(bytes.toString('latin1', at, at + 1000))
      if (head === null) continue
      const content = dataContent(bytes, at + head[0].length, /;base64/i.test(head[2] ?? ''))
      if (content.length === 0) continue
      found += 1
      yield { kind: 'content', name: Buffer.from(`data-${found}${endingOf(head[1] ?? '')}`), bytes: content }
    }
  },
}

/** UTF-16 as browsers read it, and without the zeros that they pass over. */
function inLetters(bytes: Buffer): Buffer {
  const mark = bytes.toString('hex', 0, 2)
  const even = bytes.subarray(2, bytes.length & ~1)
  if (mark === 'fffe') return Buffer.from(even.toString('utf16le'))
  if (mark === 'feff') return Buffer.from(Buffer.from(even).swap16().toString('utf16le'))
  return bytes.includes(0) ? withoutZeros(bytes) : bytes
}

const searchBytes = 1024 * 1024
const addressWord = /data:/gi

/** Where addresses may begin, in capitals or not. */
function* addressesIn(bytes: Buffer): Generator<number> {
  for (let from = 0; from < bytes.length; from += searchBytes) {
    const text = bytes.toString('latin1', from, from + searchBytes + 'data:'.length - 1)
    for (const match of text.matchAll(addressWord)) yield from + match.index
  }
}

/** True for a text that is not called a page by its beginning and holds one all the same, with something in it. */
export function holdsPage(bytes: Buffer): boolean {
  if (!bytes.includes('base64,') && !bytes.includes('BASE64,')) return false
  return pageWord.test(bytes.toString('latin1', 0, pageBytes))
}

const pageBytes = 64 * 1024

function dataContent(bytes: Buffer, from: number, isBase64: boolean): Buffer {
  const plain = decodePercent(bytes.subarray(from, endOfAddress(bytes, from)))
  return isBase64 ? decodeBase64(plain) : plain
}

/** Most addresses are short: their end is looked for in steps that grow. */
function endOfAddress(bytes: Buffer, from: number): number {
  for (let at = from, step = 256; at < bytes.length; at += step, step = Math.min(step * 2, longestStep)) {
    addressEnd.lastIndex = 0
    const match = addressEnd.exec(bytes.toString('latin1', at, at + step))
    if (match !== null) return at + match.index
  }
  return bytes.length
}

function endingOf(type: string): string {
  const kind = type.split('/')[1]?.replace(/[^a-z0-9]/gi, '') ?? ''
  return kind === '' ? '' : `.${kind}`
}

const binhexBytesBefore = 64 * 1024
const binhexHead = 8192

/** True for a text in which a file in BinHex may begin. */
export function holdsBinhex(text: Buffer): boolean {
  return binhexAt(text.subarray(0, binhexBytesBefore)) !== -1
}

function binhexAt(text: Buffer): number {
  const mark = text.indexOf(binhexMark)
  if (mark === -1) return -1
  const start = binhexStart(text.subarray(mark, mark + binhexHead))
  return start === -1 ? -1 : mark + start
}

export const binhexUnpacker: Unpacker = {
  formats: binhexFormats,
  unpack: async function* ({ bytes, budget }) {
    const start = binhexAt(bytes)
    if (start === -1) return
    const decoded = withoutRuns(binhexBytes(bytes, start), budget.room())
    const nameLength = decoded[0] ?? 0
    const lengthsAt = 1 + nameLength + 1 + 4 + 4 + 2
    if (decoded.length < lengthsAt + 8) return yield { kind: 'problem', reason: 'truncated' }
    const name = decoded.subarray(1, 1 + nameLength)
    const forks = [decoded.readUInt32BE(lengthsAt), decoded.readUInt32BE(lengthsAt + 4)]
    let at = lengthsAt + 10
    for (const [index, length] of forks.entries()) {
      if (length > 0) yield forkOf(decoded, { name, at, length, isResource: index === 1 })
      at += length + 2
    }
  },
}

function forkOf(decoded: Buffer, fork: { name: Buffer; at: number; length: number; isResource: boolean }): Member {
  const bytes = decoded.subarray(fork.at, fork.at + fork.length)
  const name = fork.isResource ? Buffer.concat([fork.name, Buffer.from('.rsrc')]) : fork.name
  if (bytes.length === fork.length) return { kind: 'content', name, bytes }
  return { kind: 'content', name, bytes, problem: 'truncated' }
}

/** `90 n` repeats the byte before it; `90 00` is 0x90 itself. */
function withoutRuns(packed: Buffer, most: number): Buffer {
  const bytes = new GrowingBytes(most)
  let last = 0
  for (let at = 0; at < packed.length && !bytes.isCut; at += 1) {
    const byte = packed[at] ?? 0
    const count = byte === 0x90 ? (packed[++at] ?? 0) : 0
    if (count > 0) bytes.fill(last, count - 1)
    else {
      last = byte
      bytes.push(byte)
    }
  }
  return bytes.take()
}

const [attachmentTitle, attachmentData, attachmentStart] = [0x8010, 0x800f, 0x9002]

/** Attributes between two looks at the clock. */
const stepsOfATurn = 4096

export const tnefUnpacker: Unpacker = {
  formats: tnefFormats,
  unpack: async function* ({ bytes, budget }) {
    let [title, data]: [Buffer | null, Buffer | null] = [null, null]
    let index = 0
    let at = 6
    const attachment = (): Member[] => {
      if (data === null) return []
      index += 1
      return [{ kind: 'content', name: title ?? Buffer.from(`attachment-${index}`), bytes: data }]
    }
    for (let steps = 1; at + 9 <= bytes.length; steps += 1) {
      if (steps % stepsOfATurn === 0 && budget.isOverTime()) {
        yield* attachment()
        return yield { kind: 'problem', reason: 'time-limit' }
      }
      // Of the message or of an attachment; anything else is no attribute.
      if (bytes[at] !== 1 && bytes[at] !== 2) {
        yield* attachment()
        return yield { kind: 'problem', reason: 'corrupt' }
      }
      const tag = bytes.readUInt16LE(at + 1)
      const length = bytes.readUInt32LE(at + 5)
      const content = bytes.subarray(at + 9, at + 9 + length)
      if (tag === attachmentStart) {
        yield* attachment()
        title = null
        data = null
      } else if (tag === attachmentTitle) title = withoutZero(content)
      else if (tag === attachmentData) data = content
      if (content.length < length) {
        yield* attachment()
        return yield { kind: 'problem', reason: 'truncated' }
      }
      at += 9 + length + 2
    }
    yield* attachment()
    if (at < bytes.length) yield { kind: 'problem', reason: 'truncated' }
  },
}

function withoutZero(text: Buffer): Buffer {
  const end = text.indexOf(0)
  return end === -1 ? text : text.subarray(0, end)
}
