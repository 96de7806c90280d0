// Opens tar archives (ustar, GNU, pax, old V7) from their start to their end, in memory without copying members.
// Never follows a link entry and never makes a file; a member is a piece of the archive's own bytes.
import { sourceOfBuffer } from '../files/byte-source.ts'
import { type Format, hasTarChecksum } from '../identify/identify.ts'
import { membersBehind } from './behind.ts'
import type { Budget } from './budget.ts'
import { type ForwardReader, readerOf } from './large/forward-reader.ts'
import { type Overrides, readPax } from './tar-pax.ts'
import { gnuMap, type HolesMap, HolesReader, paxMap } from './tar-sparse.ts'
import type { Member, Unpacker } from './unpacker.ts'

export interface TarHeader {
  readonly name: Buffer
  readonly size: number
  readonly type: string
}

/** Makes what becomes of the content that comes next, of `size` bytes if it is all there. */
export type TarContent<M> = (header: TarHeader, reader: ForwardReader) => AsyncGenerator<M>

const blockBytes = 512
const formats: ReadonlySet<Format> = new Set<Format>(['tar'])
/** Types without content of their own: links, devices, folders, FIFO. */
const emptyTypes = new Set(['1', '2', '3', '4', '5', '6'])
/** More is no name. */
const longestExtension = 1024 * 1024
/** Of what follows the last member that can be read, only so much is looked at. */
const restBytes = 16 * 1024 * 1024
const zeros = Buffer.alloc(blockBytes)
/** Without a member among them nobody else would look at the clock. */
const blocksOfATurn = 4096

export const tarUnpacker: Unpacker = {
  formats,
  unpack: ({ bytes, budget }) => tarMembers<Member>(readerOf(sourceOfBuffer(bytes)), budget, lentMember),
}

/** The members of a tar, one after the other; whatever `content` leaves of one is passed over. */
export async function* tarMembers<M>(
  reader: ForwardReader,
  budget: Budget,
  content: TarContent<M>,
): AsyncGenerator<M | Member> {
  let next: Overrides = {}
  let entries = 0
  let awaitsMember = false
  for (let blocks = 1; ; blocks += 1) {
    if (blocks % blocksOfATurn === 0 && budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
    const block = await reader.take(blockBytes)
    if (block.length < blockBytes) {
      if (entries > 0 && block.some((byte) => byte !== 0)) {
        yield { kind: 'problem', reason: reader.endReason() }
        yield* membersBehind(block)
      }
      break
    }
    if (!hasTarChecksum(block)) {
      // Empty blocks end the archive, but another one may be appended: go on to see. Anything else is damage.
      if (entries === 0 || block.equals(zeros)) continue
      yield { kind: 'problem', reason: 'corrupt' }
      return yield* membersBehind(Buffer.concat([block, await reader.take(restBytes)]))
    }
    entries += 1
    const header = readHeader(block, next)
    const map = header.type === 'S' ? await gnuMap(block, reader, readNumber) : undefined
    const from = reader.at
    const isEmpty = emptyTypes.has(header.type)
    if (isExtension(header.type)) {
      next = { ...next, ...(await readExtension(header, reader)) }
      // The global one is for all members, also for none.
      awaitsMember ||= header.type !== 'g'
    } else {
      const { holes } = next
      next = {}
      awaitsMember = false
      const full = holes !== undefined && !isEmpty ? await paxMap(holes, reader) : map
      const packed = { ...header, size: Math.max(0, header.size - (reader.at - from)) }
      if (full !== undefined) yield* withHoles(packed, full, reader, { budget, content })
      else if (!isEmpty) yield* content(header, reader)
    }
    const passed = reader.at - from
    if (!isEmpty) await reader.skip(Math.max(0, Math.ceil(header.size / blockBytes) * blockBytes - passed))
  }
  if (entries === 0) yield { kind: 'problem', reason: 'corrupt' }
  else if (awaitsMember) yield { kind: 'problem', reason: 'truncated' }
}

/** The member as a whole, its bytes given back when it was looked at. */
export async function* lentMember({ name, size }: TarHeader, reader: ForwardReader): AsyncGenerator<Member> {
  const { bytes, giveBack } = await reader.lend(size)
  try {
    if (bytes.length < size) yield { kind: 'content', name, bytes, problem: reader.endReason() }
    else yield { kind: 'content', name, bytes }
  } finally {
    giveBack()
  }
}

interface HolesInput<M> {
  readonly budget: Budget
  readonly content: TarContent<M>
}

/** A file as it was; only its pieces, and that this is not the file, where their places cannot be believed. */
async function* withHoles<M>(
  header: TarHeader,
  map: HolesMap | null,
  reader: ForwardReader,
  { budget, content }: HolesInput<M>,
): AsyncGenerator<M | Member> {
  if (map !== null && map.stored === header.size)
    return yield* content({ ...header, size: map.size }, new HolesReader(reader, map, budget))
  yield { kind: 'skipped', name: header.name, reason: 'unsupported' }
  yield* content(header, reader)
}

function readHeader(block: Buffer, next: Overrides): TarHeader {
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isUstar ? text(block, 345, 155) : Buffer.alloc(0)
  const name = text(block, 0, 100)
  const full = prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name])
  const type = String.fromCharCode(block[156] ?? 0)
  const size = readNumber(block.subarray(124, 136))
  return { name: next.name ?? full, size: isExtension(type) ? size : (next.size ?? size), type }
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

async function readExtension(header: TarHeader, reader: ForwardReader): Promise<Overrides> {
  const content = await reader.take(Math.min(header.size, longestExtension))
  if (header.type === 'L') return { name: text(content, 0, content.length) }
  if (header.type !== 'x' && header.type !== 'X') return {}
  return readPax(content)
}
