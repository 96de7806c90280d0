// Members of a ZIP that are neither stored nor deflated, by way of 7-Zip: it is given the archive, and besides it each record
// that it does not see because only a local header tells of it. Never decides what is in an archive.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Member, Unpacker, UnpackInput } from './unpacker.ts'
import type { ZipRecord } from './zip-records.ts'

export interface OtherRecords {
  readonly records: readonly ZipRecord[]
  /** Members of all methods that the directory has. */
  readonly listed: number
}

export async function* membersOfOtherMethods(
  sevenZip: Unpacker,
  input: UnpackInput,
  { records, listed }: OtherRecords,
): AsyncGenerator<Member> {
  let seen = 0
  if (records.some(({ isListed }) => isListed)) {
    for await (const member of sevenZip.unpack(input)) {
      if (member.kind !== 'problem') seen += 1
      yield member
    }
  }
  // It reads one directory, which may be another than ours, and leaves out links.
  const missed = seen < listed ? records : records.filter(({ isListed }) => !isListed)
  for (const record of missed) {
    if (input.budget.isOverTime()) return yield { kind: 'problem', reason: 'time-limit' }
    yield* memberAlone(sevenZip, input, record)
  }
}

/** The member of an archive that has only this record. */
async function* memberAlone(sevenZip: Unpacker, input: UnpackInput, record: ZipRecord): AsyncGenerator<Member> {
  const { name } = record
  const whole = { ...input, bytes: zipOf(input.bytes.subarray(record.dataAt, record.dataEnd), record) }
  let problem: NotScannedReason | undefined
  let made = 0
  for await (const member of sevenZip.unpack(whole)) {
    if (member.kind === 'content') {
      made += 1
      yield { ...member, name }
    } else problem = member.reason
  }
  if (problem !== undefined || made === 0) yield { kind: 'skipped', name, reason: problem ?? 'unsupported' }
}

const [localBytes, directoryBytes, endBytes] = [30, 46, 22]
/** Of the program that is needed: the highest there is. */
const version = 63
/** What a method does with its data; not that sizes follow, for they are known. */
const kept = 0b110

/** Its one member is called `m`. */
function zipOf(packed: Buffer, { method, flags, sum, size }: ZipRecord): Buffer {
  const fields = Buffer.alloc(26)
  fields.writeUInt16LE(version, 0)
  fields.writeUInt16LE(flags & kept, 2)
  fields.writeUInt16LE(method, 4)
  fields.writeUInt32LE(sum, 10)
  fields.writeUInt32LE(packed.length, 14)
  fields.writeUInt32LE(Math.min(size, 0xffffffff), 18)
  fields.writeUInt16LE(1, 22)
  const local = Buffer.alloc(localBytes + 1, 'm')
  local.writeUInt32LE(0x04034b50, 0)
  fields.copy(local, 4)
  const directory = Buffer.alloc(directoryBytes + 1)
  directory.writeUInt32LE(0x02014b50, 0)
  directory.writeUInt16LE(version, 4)
  fields.copy(directory, 6)
  directory.write('m', directoryBytes)
  const end = Buffer.alloc(endBytes)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(local.length + packed.length, 16)
  return Buffer.concat([local, packed, directory, end])
}
