// Opens files that hide in text: uuencode, BinHex 4.0, `data:` addresses of pages; and TNEF, the covers of Outlook.
// Sources: POSIX uuencode, RFC 1741 (BinHex), RFC 2397 (data:), the published TNEF format. Never runs or renders anything.
import type { Format } from '../../identify/identify.ts'
import type { Member, Unpacker } from '../unpacker.ts'
import { decodeBase64, uuFiles } from './transfer-encodings.ts'

const uuFormats: ReadonlySet<Format> = new Set<Format>(['uuencode'])
const pageFormats: ReadonlySet<Format> = new Set<Format>(['html'])
const binhexFormats: ReadonlySet<Format> = new Set<Format>(['binhex'])
const tnefFormats: ReadonlySet<Format> = new Set<Format>(['tnef'])

export const uuUnpacker: Unpacker = {
  formats: uuFormats,
  unpack: async function* ({ bytes }) {
    for (const { name, bytes: content, isComplete } of uuFiles(bytes)) {
      if (isComplete) yield { kind: 'content', name, bytes: content }
      else yield { kind: 'content', name, bytes: content, problem: 'truncated' }
    }
  },
}

const dataAddress = /^data:([a-z0-9.+-]{1,60}\/[a-z0-9.+-]{1,60})?((?:;[^,;"'<>\s]{0,100}){0,8}),/i
/** What ends an address in a page. */
const addressEnd = /["'<>()`\\]/g

export const pageUnpacker: Unpacker = {
  formats: pageFormats,
  unpack: async function* ({ bytes }) {
    let found = 0
    for (let at = bytes.indexOf('data:'); at !== -1; at = bytes.indexOf('data:', at + 5)) {
      const head = dataAddress.exec(bytes.toString('latin1', at, at + 1000))
      if (head === null) continue
      const content = dataContent(bytes, at + head[0].length, /;base64/i.test(head[2] ?? ''))
      if (content.length === 0) continue
      found += 1
      yield { kind: 'content', name: Buffer.from(`data-${found}${endingOf(head[1] ?? '')}`), bytes: content }
    }
  },
}

function dataContent(bytes: Buffer, from: number, isBase64: boolean): Buffer {
  const text = bytes.toString('latin1', from, endOfAddress(bytes, from))
  const plain = Buffer.from(
    text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  return isBase64 ? decodeBase64(plain) : plain
}

function endOfAddress(bytes: Buffer, from: number): number {
  const step = 64 * 1024
  for (let at = from; at < bytes.length; at += step) {
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

const binhexMark = 'must be converted with BinHex'
const binhexDigits = '!"#$%&\'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr'
const binhexValues = new Int8Array(256).fill(-1)
for (let value = 0; value < 64; value += 1) binhexValues[binhexDigits.charCodeAt(value)] = value

export const binhexUnpacker: Unpacker = {
  formats: binhexFormats,
  unpack: async function* ({ bytes, budget }) {
    const start = bytes.indexOf(':', bytes.indexOf(binhexMark))
    const decoded = start === -1 ? Buffer.alloc(0) : withoutRuns(binhexBytes(bytes, start + 1), budget.room())
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

/** Six bits a character, up to the closing colon. */
function binhexBytes(text: Buffer, from: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.ceil(((text.length - from) * 3) / 4) + 3)
  let [to, bits, count] = [0, 0, 0]
  for (let at = from; at < text.length; at += 1) {
    const byte = text[at] ?? 0
    if (byte === 0x3a) break
    const value = binhexValues[byte] ?? -1
    if (value < 0) continue
    bits = ((bits << 6) | value) & 0xffff
    count += 6
    if (count >= 8) {
      count -= 8
      bytes[to++] = (bits >> count) & 0xff
    }
  }
  return bytes.subarray(0, to)
}

/** `90 n` repeats the byte before it; `90 00` is 0x90 itself. */
function withoutRuns(packed: Buffer, most: number): Buffer {
  const pieces: Buffer[] = []
  let size = 0
  let from = 0
  const add = (piece: Buffer): void => {
    pieces.push(piece)
    size += piece.length
  }
  let last = 0
  for (let at = packed.indexOf(0x90); at !== -1 && size < most; at = packed.indexOf(0x90, from)) {
    if (at > from) last = packed[at - 1] ?? 0
    add(packed.subarray(from, at))
    const count = packed[at + 1] ?? 0
    if (count === 0) {
      last = 0x90
      add(Buffer.from([0x90]))
    } else add(Buffer.alloc(count - 1, last))
    from = at + 2
  }
  add(packed.subarray(from))
  return Buffer.concat(pieces).subarray(0, most)
}

const [attachmentTitle, attachmentData, attachmentStart] = [0x8010, 0x800f, 0x9002]

export const tnefUnpacker: Unpacker = {
  formats: tnefFormats,
  unpack: async function* ({ bytes }) {
    let [title, data]: [Buffer | null, Buffer | null] = [null, null]
    let index = 0
    let at = 6
    const attachment = (): Member[] => {
      if (data === null) return []
      index += 1
      return [{ kind: 'content', name: title ?? Buffer.from(`attachment-${index}`), bytes: data }]
    }
    while (at + 9 <= bytes.length) {
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
  },
}

function withoutZero(text: Buffer): Buffer {
  const end = text.indexOf(0)
  return end === -1 ? text : text.subarray(0, end)
}
