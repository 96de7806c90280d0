// Opens a ZIP that is not in memory: its members are read one by one, large ones in pieces.
// Never reads behind the part of the file that may be looked at; members of methods that need all of it are named only.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { type ByteSource, piecesOf } from '../../files/byte-source.ts'
import type { Stretch } from '../../identify/carrying-parts.ts'
import { membersBetween } from '../behind.ts'
import type { Budget } from '../budget.ts'
import { inflateSmall, smallBytes } from '../inflate.ts'
import { InflatedPieces } from '../inflate-stream.ts'
import type { LargeMember, PiecesMember } from '../unpacker.ts'
import { contentOf, moreThanData, zipMembers } from '../zip.ts'
import type { ZipRecord } from '../zip-records.ts'

export interface LargeInput {
  readonly source: ByteSource
  /** Only so much from its start is looked at. */
  readonly end: number
  readonly name: Buffer
  readonly budget: Budget
}

export function largeZipMembers({ source, end, budget }: LargeInput): AsyncGenerator<LargeMember> {
  return zipMembers<LargeMember>(
    { source, budget, searchEnd: end },
    {
      one: (record) => oneMember({ source, end, budget }, record),
      others: async function* (records) {
        for (const { name } of records) yield { kind: 'skipped', name, reason: 'too-big' }
      },
      rest: (stretch) => membersOfRest(source, stretch),
    },
  )
}

/** Of what lies between its parts only so much is in memory. */
const restBytes = 1024 * 1024

function* membersOfRest(source: ByteSource, { start, end }: Stretch): Generator<LargeMember> {
  yield* membersBetween(source.read(start, Math.min(end - start, restBytes)))
}

type Place = Omit<LargeInput, 'name'>

async function* oneMember(place: Place, record: ZipRecord): AsyncGenerator<LargeMember> {
  if (record.dataEnd > place.end) yield { kind: 'skipped', name: record.name, reason: 'too-big' }
  else if (record.method === 0) yield* storedMember(place, record)
  else yield* deflatedMember(place, record)
}

async function* storedMember({ source, budget }: Place, record: ZipRecord): AsyncGenerator<LargeMember> {
  const { name, dataAt, dataEnd } = record
  const size = dataEnd - dataAt
  const problem = cutOf(record)
  if (size > budget.limits.memberBytes) {
    yield { kind: 'pieces', name, size, pieces: piecesOf(source, dataAt, dataEnd), problem: () => problem }
    return
  }
  const { bytes, giveBack } = source.lend(dataAt, size)
  try {
    yield problem === undefined ? { kind: 'content', name, bytes } : { kind: 'content', name, bytes, problem }
  } finally {
    giveBack()
  }
}

async function* deflatedMember({ source, budget }: Place, record: ZipRecord): AsyncGenerator<LargeMember> {
  const { name, dataAt, dataEnd, size: expected } = record
  const problem = cutOf(record)
  if (dataEnd - dataAt <= smallBytes && problem === undefined) {
    const packed = source.read(dataAt, dataEnd - dataAt)
    const made = inflateSmall(packed, 'raw', { room: budget.room(), expected })
    if (made !== null) return yield contentOf(name, made, packed.length)
  }
  const inflated = new InflatedPieces(piecesOf(source, dataAt, dataEnd), 'raw', budget)
  const member: PiecesMember = {
    kind: 'pieces',
    name,
    size: null,
    pieces: inflated,
    problem: () => inflated.problem ?? problem ?? moreThanData(dataEnd - dataAt, inflated.usedBytes),
  }
  yield member
}

/** The file ends before the member does. */
function cutOf({ dataAt, dataEnd, packedSize }: ZipRecord): NotScannedReason | undefined {
  return dataEnd - dataAt < packedSize ? 'truncated' : undefined
}
