// Makes small ZIP files for tests, stored or deflated, with or without descriptors.
import { crc32, deflateRawSync } from 'node:zlib'

export interface ZipPart {
  readonly name: string
  readonly content: Buffer
  readonly stored?: boolean
  readonly descriptor?: 'none' | 'signed' | 'bare'
}

export interface MadeZip {
  readonly bytes: Buffer
  /** Local records by name. */
  readonly records: ReadonlyMap<string, Buffer>
}

export function makeZip(parts: readonly ZipPart[], comment = ''): MadeZip {
  const records = new Map<string, Buffer>()
  const locals: Buffer[] = []
  const entries: Buffer[] = []
  let at = 0
  for (const part of parts) {
    const { local, entry } = makePart(part, at)
    records.set(part.name, local)
    locals.push(local)
    entries.push(entry)
    at += local.length
  }
  const directory = Buffer.concat(entries)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(parts.length, 8)
  end.writeUInt16LE(parts.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  end.writeUInt16LE(Buffer.byteLength(comment), 20)
  return { bytes: Buffer.concat([...locals, directory, end, Buffer.from(comment)]), records }
}

function makePart(part: ZipPart, offset: number): { local: Buffer; entry: Buffer } {
  const name = Buffer.from(part.name)
  const data = part.stored === true ? part.content : deflateRawSync(part.content)
  const descriptor = part.descriptor ?? 'none'
  const sums = Buffer.alloc(12)
  sums.writeUInt32LE(crc32(part.content) >>> 0, 0)
  sums.writeUInt32LE(data.length, 4)
  sums.writeUInt32LE(part.content.length, 8)
  const shared = Buffer.alloc(26)
  shared.writeUInt16LE(20, 0)
  shared.writeUInt16LE(0x800 | (descriptor === 'none' ? 0 : 8), 2)
  shared.writeUInt16LE(part.stored === true ? 0 : 8, 4)
  shared.writeUInt32LE(0x5a215a21, 6)
  sums.copy(shared, 10)
  shared.writeUInt16LE(name.length, 22)
  const head = Buffer.alloc(30)
  head.writeUInt32LE(0x04034b50, 0)
  shared.copy(head, 4)
  if (descriptor !== 'none') head.fill(0, 14, 26)
  const tail = descriptor === 'none' ? [] : descriptor === 'bare' ? [sums] : [Buffer.from('PK\x07\x08', 'latin1'), sums]
  const entry = Buffer.alloc(46)
  entry.writeUInt32LE(0x02014b50, 0)
  entry.writeUInt16LE(20, 4)
  shared.copy(entry, 6)
  entry.writeUInt32LE(offset, 42)
  return { local: Buffer.concat([head, name, data, ...tail]), entry: Buffer.concat([entry, name]) }
}
