// Opens ZIP and everything that is one (OOXML, JAR, self-extractors). Stored and deflated members are made here; other
// methods are handed to 7-Zip. Never trusts a stated size, never lets a name choose a place on disk.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { type ByteSource, sourceOfBuffer } from '../files/byte-source.ts'
import { zipFormats } from '../identify/archive-formats.ts'
import type { Stretch } from '../identify/carrying-parts.ts'
import { findEndRecord } from '../identify/zip-end.ts'
import { membersBetween } from './behind.ts'
import type { Budget } from './budget.ts'
import { type Inflated, inflate } from './inflate.ts'
import type { Member, Unpacker, UnpackInput } from './unpacker.ts'
import { membersOfOtherMethods } from './zip-other-methods.ts'
import { readZipRecords, smallestRest, type ZipRecord } from './zip-records.ts'

/** What becomes of the records of a ZIP. */
export interface RecordWays<M> {
  /** A stored or deflated member. */
  readonly one: (record: ZipRecord) => AsyncGenerator<M>
  /** All members of other methods; only when there are any. `listed`: how many members of all methods the directory has. */
  readonly others: (records: readonly ZipRecord[], listed: number) => AsyncGenerator<M>
  /** What belongs to no member. */
  readonly rest: (place: Stretch) => Generator<M>
}

export interface ZipReading {
  readonly source: ByteSource
  readonly budget: Budget
  /** Members that the directory does not name are looked for before this place. */
  readonly searchEnd: number
}

/** `otherMethods` opens archives whose members use more than store and deflate. */
export function createZipUnpacker(otherMethods: Unpacker): Unpacker {
  return {
    formats: zipFormats,
    unpack: (input) => {
      const { bytes, budget } = input
      const reading = { source: sourceOfBuffer(bytes), budget, searchEnd: bytes.length }
      return zipMembers<Member>(reading, {
        one: (record) => memberInMemory(input, record),
        others: (records, listed) => membersOfOtherMethods(otherMethods, input, { records, listed }),
        rest: ({ start, end }) => membersBetween(bytes.subarray(start, end)),
      })
    },
  }
}

/** The members of a ZIP in the order of their records, then those of other methods. */
export async function* zipMembers<M>(
  { source, budget, searchEnd }: ZipReading,
  { one, others, rest }: RecordWays<M>,
): AsyncGenerator<M | Member> {
  const { records, damaged, overlapping, isCut, ...found } = readZipRecords(source, {
    limit: budget.membersLeft() + 1,
    searchEnd,
  })
  if (damaged) yield { kind: 'problem', reason: damageOf(source) }
  if (overlapping) yield { kind: 'problem', reason: 'overlapping' }
  const otherMethods: ZipRecord[] = []
  const read = new Set<string>()
  for (const record of records) {
    // Many names for the same data: it is read once, `overlapping` tells of the rest.
    const place = `${record.localAt}:${record.method}:${record.packedSize}:${record.encrypted}`
    if (read.has(place)) continue
    read.add(place)
    if (record.encrypted) yield { kind: 'skipped', name: record.name, reason: 'encrypted' }
    else if (record.method === 0 || record.method === 8) yield* one(record)
    else otherMethods.push(record)
  }
  if (otherMethods.length > 0) yield* others(otherMethods, records.filter(({ isListed }) => isListed).length)
  for (const place of found.rest) yield* rest(place)
  if (isCut) yield { kind: 'problem', reason: 'member-count' }
}

const spanned = Buffer.from('504b0708', 'hex')

/** One part of several, cut off before its directory, or damaged. */
function damageOf(source: ByteSource): NotScannedReason {
  const end = findEndRecord(source)
  if (source.read(0, 4).equals(spanned)) return 'split'
  if (end === null) return 'truncated'
  return end.disk > 0 ? 'split' : 'corrupt'
}

async function* memberInMemory({ bytes: zip, budget }: UnpackInput, record: ZipRecord): AsyncGenerator<Member> {
  const { name } = record
  const packed = zip.subarray(record.dataAt, record.dataEnd)
  const isShort = packed.length < record.packedSize
  if (record.method === 0) {
    yield isShort
      ? { kind: 'content', name, bytes: packed, problem: 'truncated' }
      : { kind: 'content', name, bytes: packed }
    return
  }
  const made = await inflate(packed, 'raw', budget, record.size)
  const problem = made.problem ?? (isShort ? 'truncated' : undefined)
  const giveBack = budget.hold(made.bytes.length)
  try {
    yield contentOf(name, problem === undefined ? made : { ...made, problem }, packed.length)
  } finally {
    giveBack()
  }
}

/** A deflated member. `packedSize`: of the place that it has. */
export function contentOf(name: Buffer, { bytes, problem, used }: Inflated, packedSize: number): ContentMember {
  const reason = problem ?? moreThanData(packedSize, used ?? packedSize)
  return reason === undefined ? { kind: 'content', name, bytes } : { kind: 'content', name, bytes, problem: reason }
}

type ContentMember = Extract<Member, { kind: 'content' }>

/** The data of a member says itself where it ends: what follows in its place is looked at by nobody. */
export function moreThanData(packedSize: number, used: number): NotScannedReason | undefined {
  return packedSize - used >= smallestRest ? 'corrupt' : undefined
}
