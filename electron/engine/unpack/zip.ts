// Opens ZIP and everything that is one (OOXML, JAR, self-extractors). Stored and deflated members are made here; other
// methods are handed to 7-Zip. Never trusts a stated size, never lets a name choose a place on disk.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Format } from '../identify/identify.ts'
import { findEndRecord } from '../identify/zip-end.ts'
import { inflate } from './inflate.ts'
import type { Member, Unpacker, UnpackInput } from './unpacker.ts'
import { readZipRecords, type ZipRecord } from './zip-records.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['zip', 'ooxml', 'jar'])

/** `otherMethods` opens archives whose members use more than store and deflate. */
export function createZipUnpacker(otherMethods: Unpacker): Unpacker {
  return {
    formats,
    unpack: (input) => unpackZip(input, otherMethods),
  }
}

async function* unpackZip(input: UnpackInput, otherMethods: Unpacker): AsyncGenerator<Member> {
  const { bytes, budget } = input
  const { records, damaged, overlapping } = readZipRecords(bytes, budget.membersLeft() + 1)
  if (damaged) yield { kind: 'problem', reason: damageOf(bytes) }
  if (overlapping) yield { kind: 'problem', reason: 'overlapping' }
  let needsOther = false
  const read = new Set<string>()
  for (const record of records) {
    // Many names for the same data: it is read once, `overlapping` tells of the rest.
    const place = `${record.localAt}:${record.method}:${record.packedSize}`
    if (isFolder(record) || read.has(place)) continue
    read.add(place)
    if (record.encrypted) yield { kind: 'skipped', name: record.name, reason: 'encrypted' }
    else if (record.method === 0 || record.method === 8) yield await unpackRecord(input, record)
    else needsOther = true
  }
  if (needsOther) yield* otherMethods.unpack(input)
}

const spanned = Buffer.from('504b0708', 'hex')

/** One part of several, cut off before its directory, or damaged. */
function damageOf(bytes: Buffer): NotScannedReason {
  const end = findEndRecord(bytes)
  if (bytes.subarray(0, 4).equals(spanned)) return 'split'
  if (end === null) return 'truncated'
  return end.disk > 0 ? 'split' : 'corrupt'
}

function isFolder(record: ZipRecord): boolean {
  return record.packedSize === 0 && record.name.at(-1) === 0x2f
}

async function unpackRecord(input: UnpackInput, record: ZipRecord): Promise<Member> {
  const { name } = record
  const packed = input.bytes.subarray(record.dataAt, record.dataEnd)
  const isShort = packed.length < record.packedSize
  if (record.method === 0) {
    return isShort
      ? { kind: 'content', name, bytes: packed, problem: 'truncated' }
      : { kind: 'content', name, bytes: packed }
  }
  const { bytes, problem } = await inflate(packed, 'raw', input.budget, record.size)
  const reason = problem ?? (isShort ? 'truncated' : undefined)
  return reason === undefined ? { kind: 'content', name, bytes } : { kind: 'content', name, bytes, problem: reason }
}
