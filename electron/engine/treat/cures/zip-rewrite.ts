// Writes a ZIP without some of its members: their records are cut out, everything else in front of the directory stays byte
// for byte, and the directory says the new places. Never unpacks a member but for the lists that have to be written anew.
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib'
import type { ZipDirectory, ZipMember } from './zip-directory.ts'

/** A member with new content: its whole local record and its directory entry (offset still to be set). */
export interface RewrittenMember {
  readonly record: Buffer
  readonly entry: Buffer
}

/** What changes in an archive. */
export interface ZipChange {
  readonly removed: ReadonlySet<ZipMember>
  readonly rewritten: ReadonlyMap<ZipMember, RewrittenMember>
}

const maxListBytes = 16 * 1024 * 1024

export function rewritten(zip: Buffer, directory: ZipDirectory, change: ZipChange): Buffer {
  const kept = directory.members.filter((member) => !change.removed.has(member))
  const pieces: Buffer[] = []
  const starts = new Map<ZipMember, number>()
  let [from, length] = [0, 0]
  const put = (piece: Buffer): void => {
    pieces.push(piece)
    length += piece.length
  }
  for (const member of [...directory.members].sort((a, b) => a.start - b.start)) {
    put(zip.subarray(from, member.start))
    from = member.end
    if (change.removed.has(member)) continue
    starts.set(member, length)
    put(change.rewritten.get(member)?.record ?? zip.subarray(member.start, member.end))
  }
  put(zip.subarray(from, directory.start))
  const entries = kept.map((member) => {
    const entry = Buffer.from(change.rewritten.get(member)?.entry ?? member.entry)
    entry.writeUInt32LE(starts.get(member) ?? 0, 42)
    return entry
  })
  return Buffer.concat([...pieces, ...entries, endRecord(directory, entries, length)])
}

function endRecord(directory: ZipDirectory, entries: readonly Buffer[], directoryAt: number): Buffer {
  const end = Buffer.from(directory.endRecord)
  const length = entries.reduce((sum, entry) => sum + entry.length, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(length, 12)
  end.writeUInt32LE(directoryAt, 16)
  return end
}

/** Text of a list; undefined when it is packed in a way that we do not write, damaged, longer than `maxBytes` or not UTF-8. */
export function textOf(zip: Buffer, member: ZipMember, maxBytes = maxListBytes): string | undefined {
  if ((member.entry.readUInt16LE(8) & 1) !== 0 || member.unpackedLength > maxBytes || maxBytes <= 0) return undefined
  const packed = zip.subarray(member.dataStart, member.dataStart + member.dataLength)
  let bytes: Buffer
  try {
    if (member.method === 0) bytes = packed
    else if (member.method === 8) bytes = inflateRawSync(packed, { maxOutputLength: maxBytes })
    else return undefined
  } catch {
    return undefined
  }
  const text = bytes.toString('utf8')
  return Buffer.from(text, 'utf8').equals(bytes) ? text : undefined
}

/** A deflated member with the old one's name, times and attributes; sizes stand in the record, so no descriptor follows. */
export function repacked(zip: Buffer, member: ZipMember, text: string): RewrittenMember {
  const bytes = Buffer.from(text, 'utf8')
  const data = deflateRawSync(bytes)
  const head = Buffer.from(zip.subarray(member.start, member.dataStart))
  const entry = Buffer.from(member.entry)
  const sums = Buffer.alloc(12)
  sums.writeUInt32LE(crc32(bytes) >>> 0, 0)
  sums.writeUInt32LE(data.length, 4)
  sums.writeUInt32LE(bytes.length, 8)
  head.writeUInt16LE(head.readUInt16LE(6) & ~8, 6)
  head.writeUInt16LE(8, 8)
  sums.copy(head, 14)
  entry.writeUInt16LE(entry.readUInt16LE(8) & ~8, 8)
  entry.writeUInt16LE(8, 10)
  sums.copy(entry, 16)
  return { record: Buffer.concat([head, data]), entry }
}
