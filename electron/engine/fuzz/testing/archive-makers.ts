// Archives for the fuzzer that no other test needs, and sums that fit again after a change.
import { crc32, deflateRawSync } from 'node:zlib'
import { directoryEntry, endRecord, localHeader } from '../../unpack/testing/archives.ts'

const unknown = 0xffffffff

/** A ZIP of one member whose sizes and places are all written with 64 bits. */
export function makeZip64(name: string, data: Buffer): Buffer {
  const packed = deflateRawSync(data)
  const fields = { packed: unknown, size: unknown, flags: 0, method: 8 }
  const local = withExtra(localHeader(Buffer.from(name), fields), 28, extra64(data.length, packed.length))
  const entry = directoryEntry(Buffer.from(name), { ...fields, at: unknown })
  const listing = withExtra(entry, 30, extra64(data.length, packed.length, 0))
  const directoryAt = local.length + packed.length
  const end64 = Buffer.alloc(56)
  end64.writeUInt32LE(0x06064b50, 0)
  end64.writeBigUInt64LE(44n, 4)
  for (const [at, value] of [
    [24, 1],
    [32, 1],
    [40, listing.length],
    [48, directoryAt],
  ] as const)
    end64.writeBigUInt64LE(BigInt(value), at)
  const locator = Buffer.alloc(20)
  locator.writeUInt32LE(0x07064b50, 0)
  locator.writeBigUInt64LE(BigInt(directoryAt + listing.length), 8)
  locator.writeUInt32LE(1, 16)
  return Buffer.concat([local, packed, listing, end64, locator, endRecord(0xffff, unknown, unknown)])
}

function extra64(...values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + values.length * 8)
  extra.writeUInt16LE(1, 0)
  extra.writeUInt16LE(values.length * 8, 2)
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8)
  return extra
}

/** `lengthAt`: where the header says how long its extra field is. */
function withExtra(header: Buffer, lengthAt: number, extra: Buffer): Buffer {
  header.writeUInt16LE(extra.length, lengthAt)
  return Buffer.concat([header, extra])
}

/** A tar in which every block that has the mark of a header, or stands where one may, has the sum of its bytes. */
export function withTarSums(bytes: Buffer): Buffer {
  const fixed = Buffer.from(bytes)
  for (let at = 0; at + 512 <= fixed.length; at += 512) {
    const block = fixed.subarray(at, at + 512)
    if (at > 0 && block.toString('latin1', 257, 262) !== 'ustar') continue
    block.write('        ', 148)
    const sum = block.reduce((total, byte) => total + byte, 0)
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  }
  return fixed
}

/** A 7z whose sums of its two headers fit, so that what stands in them is believed. */
export function withSevenZipSums(bytes: Buffer): Buffer {
  const fixed = Buffer.from(bytes)
  if (fixed.length < 32) return fixed
  const from = 32 + Number(fixed.readBigUInt64LE(12) & 0xffffffn)
  const to = from + Number(fixed.readBigUInt64LE(20) & 0xffffffn)
  fixed.writeUInt32LE(crc32(fixed.subarray(from, to)), 28)
  fixed.writeUInt32LE(crc32(fixed.subarray(12, 32)), 8)
  return fixed
}

/** A RAR 5 in which the sum of every header fits. */
export function withRar5Sums(bytes: Buffer): Buffer {
  const fixed = Buffer.from(bytes)
  // Headers are below 128 bytes here: one byte of length behind the sum.
  for (let at = 8; at + 5 < fixed.length; ) {
    const end = at + 5 + (fixed[at + 4] ?? 0)
    fixed.writeUInt32LE(crc32(fixed.subarray(at + 4, end)), at)
    const next = fixed.indexOf(Buffer.from([3, 5, 0, 0]), end)
    if (next === -1) break
    at = next - 4
  }
  return fixed
}
