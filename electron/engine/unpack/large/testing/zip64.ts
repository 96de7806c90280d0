// Makes ZIPs whose sizes and places are all written with 64 bits, as those of very large files are.
import { directoryEntry, endRecord, localHeader } from '../../testing/archives.ts'

const unknown = 0xffffffff

/** A ZIP of stored members. */
export function makeZip64(members: readonly { name: string; data: Buffer }[]): Buffer {
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const { name, data } of members) {
    const fields = { packed: unknown, size: unknown, flags: 0, method: 0 }
    const head = withExtra(localHeader(Buffer.from(name), fields), 28, [data.length, data.length])
    entries.push(
      withExtra(directoryEntry(Buffer.from(name), { ...fields, at: unknown }), 30, [data.length, data.length, at]),
    )
    locals.push(head, data)
    at += head.length + data.length
  }
  const listing = Buffer.concat(entries)
  return Buffer.concat([...locals, listing, ...end64(members.length, listing.length, at)])
}

function end64(count: number, listingBytes: number, listingAt: number): Buffer[] {
  const end = Buffer.alloc(56)
  end.writeUInt32LE(0x06064b50, 0)
  end.writeBigUInt64LE(44n, 4)
  end.writeBigUInt64LE(BigInt(count), 24)
  end.writeBigUInt64LE(BigInt(count), 32)
  end.writeBigUInt64LE(BigInt(listingBytes), 40)
  end.writeBigUInt64LE(BigInt(listingAt), 48)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(listingAt + listingBytes), 8)
  locator.writeUInt32LE(1, 16)
  return [end, locator, endRecord(0xffff, unknown, unknown)]
}

/** `lengthAt`: where the header says how long its extra field is. */
function withExtra(header: Buffer, lengthAt: number, values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(values.length * 8, 2)
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8)
  header.writeUInt16LE(extra.length, lengthAt)
  return Buffer.concat([header, extra])
}
