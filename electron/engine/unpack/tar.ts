// Opens tar archives (ustar, GNU, pax, old V7) in memory without copying members.
// Never follows a link entry and never makes a file; a member is a piece of the archive's own bytes.
import { type Format, hasTarChecksum } from '../identify/identify.ts'
import type { Member, Unpacker } from './unpacker.ts'

interface TarHeader {
  readonly name: Buffer
  readonly size: number
  readonly type: string
}

interface Overrides {
  name?: Buffer
  size?: number
}

const blockBytes = 512
const formats: ReadonlySet<Format> = new Set<Format>(['tar'])
/** Types without content of their own: links, devices, folders, FIFO. */
const emptyTypes = new Set(['1', '2', '3', '4', '5', '6'])

export const tarUnpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes }) {
    yield* tarMembers(bytes)
  },
}

function* tarMembers(bytes: Buffer): Generator<Member> {
  let at = 0
  let next: Overrides = {}
  let entries = 0
  while (at + blockBytes <= bytes.length) {
    const block = bytes.subarray(at, at + blockBytes)
    at += blockBytes
    if (!hasTarChecksum(block)) {
      // Empty blocks end the archive, but another one may be appended: go on to see. Anything else is damage.
      if (entries > 0 && block.some((byte) => byte !== 0)) return yield { kind: 'problem', reason: 'corrupt' }
      continue
    }
    entries += 1
    const header = readHeader(block, next)
    const content = bytes.subarray(at, at + header.size)
    if (isExtension(header.type)) next = { ...next, ...readExtension(header, content) }
    else {
      next = {}
      yield* memberOf(header, content)
    }
    at += emptyTypes.has(header.type) ? 0 : Math.ceil(header.size / blockBytes) * blockBytes
  }
  if (entries === 0) yield { kind: 'problem', reason: 'corrupt' }
}

function* memberOf(header: TarHeader, content: Buffer): Generator<Member> {
  if (emptyTypes.has(header.type)) return
  if (content.length < header.size) yield { kind: 'content', name: header.name, bytes: content, problem: 'truncated' }
  else yield { kind: 'content', name: header.name, bytes: content }
}

function readHeader(block: Buffer, next: Overrides): TarHeader {
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isUstar ? text(block, 345, 155) : Buffer.alloc(0)
  const name = text(block, 0, 100)
  const full = prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name])
  return {
    name: next.name ?? full,
    size: next.size ?? readNumber(block.subarray(124, 136)),
    type: String.fromCharCode(block[156] ?? 0),
  }
}

function text(block: Buffer, at: number, length: number): Buffer {
  const field = block.subarray(at, at + length)
  const end = field.indexOf(0)
  return end === -1 ? field : field.subarray(0, end)
}

/** Octal text, or the GNU binary form for sizes of 8 GB and more. */
function readNumber(field: Buffer): number {
  const first = field[0] ?? 0
  if ((first & 0x80) !== 0) {
    const value = field.subarray(-8).readBigUInt64BE() & 0x7fffffffffffffffn
    return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
  }
  const value = Number.parseInt(field.toString('latin1').replaceAll('\0', ' ').trim(), 8)
  return Number.isFinite(value) && value > 0 ? value : 0
}

function isExtension(type: string): boolean {
  return type === 'L' || type === 'K' || type === 'x' || type === 'g' || type === 'X'
}

function readExtension(header: TarHeader, content: Buffer): Overrides {
  if (header.type === 'L') return { name: text(content, 0, content.length) }
  if (header.type !== 'x' && header.type !== 'X') return {}
  return readPax(content)
}

/** Records `LENGTH key=value\n`; only the two that decide where a member is and what it is called. */
function readPax(content: Buffer): Overrides {
  const result: Overrides = {}
  let at = 0
  while (at < content.length) {
    const length = Number.parseInt(content.toString('latin1', at, at + 20), 10)
    if (!(length > 0)) break
    const record = content.subarray(content.indexOf(0x20, at) + 1, at + length - 1)
    const equals = record.indexOf('=')
    const key = record.toString('latin1', 0, Math.max(0, equals))
    const value = record.subarray(equals + 1)
    if (key === 'path' && value.length > 0) result.name = value
    if (key === 'size' && /^\d{1,15}$/.test(value.toString('latin1'))) result.size = Number(value.toString('latin1'))
    at += length
  }
  return result
}
