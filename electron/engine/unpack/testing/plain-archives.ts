// Makes archives of further formats byte by byte, each around one member that is kept as it is or nearly so.
import { crc32, deflateSync, gzipSync } from 'node:zlib'
import { makeCpio } from './cpio.ts'

export interface PlainMember {
  readonly name: string
  readonly data: Buffer
}

export function makeAr({ name, data }: PlainMember): Buffer {
  const header = [
    [`${name}/`, 16],
    ['0', 12],
    ['0', 6],
    ['0', 6],
    ['100644', 8],
    [`${data.length}`, 10],
  ] as const
  const fields = header.map(([text, width]) => text.padEnd(width)).join('')
  return Buffer.concat([Buffer.from(`!<arch>\n${fields}\`\n`), data, Buffer.alloc(data.length % 2, 0x0a)])
}

/** Zstandard with one block that is not compressed. */
export function makeZstd(data: Buffer): Buffer {
  const header = Buffer.from('28b52ffda000000000000000', 'hex')
  header.writeUInt32LE(data.length, 5)
  header.writeUIntLE(1 | (data.length << 3), 9, 3)
  return Buffer.concat([header, data])
}

/** ISO 9660 of one folder. */
export function makeIso({ name, data }: PlainMember): Buffer {
  const block = 2048
  const [rootAt, dataAt] = [18, 19]
  const image = Buffer.alloc((dataAt + Math.ceil(data.length / block)) * block)
  const record = (recordName: Buffer, extent: number, size: number, isFolder: boolean): Buffer => {
    const bytes = Buffer.alloc((33 + recordName.length + 1) & ~1)
    bytes[0] = bytes.length
    bothOrders32(bytes, 2, extent)
    bothOrders32(bytes, 10, size)
    bytes[25] = isFolder ? 2 : 0
    bothOrders16(bytes, 28, 1)
    bytes[32] = recordName.length
    recordName.copy(bytes, 33)
    return bytes
  }
  const self = record(Buffer.from([0]), rootAt, block, true)
  const volume = image.subarray(16 * block, 17 * block)
  volume.write('\x01CD001\x01', 'latin1')
  bothOrders32(volume, 80, image.length / block)
  bothOrders16(volume, 120, 1)
  bothOrders16(volume, 124, 1)
  bothOrders16(volume, 128, block)
  self.copy(volume, 156)
  volume[881] = 1
  image.write('\xffCD001\x01', 17 * block, 'latin1')
  const entries = [self, record(Buffer.from([1]), rootAt, block, true)]
  Buffer.concat([...entries, record(Buffer.from(`${name};1`), dataAt, data.length, false)]).copy(image, rootAt * block)
  data.copy(image, dataAt * block)
  return image
}

/** RAR 2 to 4, member stored. */
export function makeRar4({ name, data }: PlainMember): Buffer {
  const block = (type: number, flags: number, fields: Buffer): Buffer => {
    const header = Buffer.alloc(7)
    header[2] = type
    header.writeUInt16LE(flags, 3)
    header.writeUInt16LE(7 + fields.length, 5)
    const bytes = Buffer.concat([header, fields])
    bytes.writeUInt16LE(crc32(bytes.subarray(2)) & 0xffff, 0)
    return bytes
  }
  const fields = Buffer.alloc(25)
  fields.writeUInt32LE(data.length, 0)
  fields.writeUInt32LE(data.length, 4)
  fields[8] = 3
  fields.writeUInt32LE(crc32(data), 9)
  fields.writeUInt32LE(0x21_0000, 13)
  fields[17] = 20
  fields[18] = 0x30
  fields.writeUInt16LE(name.length, 19)
  fields.writeUInt32LE(0o100644, 21)
  return Buffer.concat([
    Buffer.from('526172211a0700', 'hex'),
    block(0x73, 0, Buffer.alloc(6)),
    block(0x74, 0x8000, Buffer.concat([fields, Buffer.from(name)])),
    data,
    block(0x7b, 0x4000, Buffer.alloc(0)),
  ])
}

/** RAR 5, member stored. */
export function makeRar5({ name, data }: PlainMember): Buffer {
  const number = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)])
  const block = (content: readonly number[]): Buffer => {
    const bytes = Buffer.from([...number(content.length), ...content])
    return Buffer.concat([littleEndian32(crc32(bytes)), bytes])
  }
  const size = number(data.length)
  const file = [2, 2, ...size, 4, ...size, ...number(0o100644), ...littleEndian32(crc32(data)), 0, 1]
  return Buffer.concat([
    Buffer.from('526172211a070100', 'hex'),
    block([1, 0, 0]),
    block([...file, name.length, ...Buffer.from(name)]),
    data,
    block([5, 0, 0]),
  ])
}

/** The format of `compress.exe`: literals only, eight behind each byte of flags. */
export function makeSzdd(data: Buffer): Buffer {
  const header = Buffer.from('535a444488f027334100', 'hex')
  const pieces: Buffer[] = []
  for (let at = 0; at < data.length; at += 8) pieces.push(Buffer.from([0xff]), data.subarray(at, at + 8))
  return Buffer.concat([header, littleEndian32(data.length), ...pieces])
}

/** An RPM package without any tag: lead, two empty headers, a compressed cpio. */
export function makeRpm(member: PlainMember): Buffer {
  const lead = Buffer.alloc(96)
  Buffer.from('edabeedb0300000000016e616d65', 'hex').copy(lead)
  lead.writeUInt16BE(1, 76)
  lead.writeUInt16BE(5, 78)
  const empty = Buffer.from('8eade801000000000000000000000000', 'hex')
  return Buffer.concat([lead, empty, empty, gzipSync(makeCpio([member]))])
}

export function makeXar({ name, data }: PlainMember): Buffer {
  const place = `<length>${data.length}</length><offset>0</offset><size>${data.length}</size>`
  const content = `<data>${place}<encoding style="application/octet-stream"/></data>`
  const file = `<file id="1"><name>${name}</name><type>file</type>${content}</file>`
  const listing = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<xar><toc>${file}</toc></xar>\n`)
  const packed = deflateSync(listing)
  const header = Buffer.alloc(28)
  header.write('xar!')
  header.writeUInt16BE(28, 4)
  header.writeUInt16BE(1, 6)
  header.writeBigUInt64BE(BigInt(packed.length), 8)
  header.writeBigUInt64BE(BigInt(listing.length), 16)
  return Buffer.concat([header, packed, data])
}

function bothOrders32(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32LE(value, at)
  bytes.writeUInt32BE(value, at + 4)
}

function bothOrders16(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt16LE(value, at)
  bytes.writeUInt16BE(value, at + 2)
}

function littleEndian32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
