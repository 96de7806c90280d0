// Makes a compiled help file (CHM) whose members lie in its compressed section, as those of real ones do. The LZX stream in it
// is one block that is not compressed. Used by tests only. Source: the unofficial CHM specification, the LZX format of cabinets.

export interface ChmMember {
  readonly name: string
  readonly data: Buffer
}

interface Entry {
  readonly name: string
  /** 0: as it is, 1: in the compressed section. */
  readonly section: number
  readonly offset: number
  readonly length: number
}

const chunkBytes = 4096
/** One frame of LZX: what is longer would need several. */
const mostContentBytes = 32 * 1024
const storage = '::DataSpace/Storage/MSCompressed'
const lzxTransform = '{7FC28940-9D31-11D0-9B27-00A0C91E9C7C}'
const [headerBytes, sizeBytes, listHeaderBytes] = [96, 24, 84]

/** All members together may have 32 KB. */
export function makeChm(members: readonly ChmMember[]): Buffer {
  const content = Buffer.concat(members.map(({ data }) => data))
  if (content.length > mostContentBytes) throw new Error('too long for one frame of LZX')
  const stream = lzxOf(Buffer.concat([content, Buffer.alloc(mostContentBytes - content.length)]))
  const parts = [
    { name: '::DataSpace/NameList', data: sectionNames('Uncompressed', 'MSCompressed') },
    { name: `${storage}/ControlData`, data: controlData() },
    { name: `${storage}/SpanInfo`, data: long(content.length) },
    { name: `${storage}/Content`, data: stream },
    { name: `${storage}/Transform/List`, data: Buffer.from(lzxTransform.slice(0, 19), 'utf16le') },
    {
      name: `${storage}/Transform/${lzxTransform}/InstanceData/ResetTable`,
      data: resetTable(content.length, stream.length),
    },
  ]
  const entries = [...placed(parts, 0, ''), ...placed(members, 1, '/')]
  const list = Buffer.concat([listHeader(), listChunk(entries.sort(byName))])
  const plain = Buffer.concat(parts.map(({ data }) => data))
  return Buffer.concat([header(list.length), sizeSection(list.length + plain.length), list, plain])
}

function placed(parts: readonly ChmMember[], section: number, before: string): Entry[] {
  let offset = 0
  return parts.map(({ name, data: { length } }) => {
    const entry = { name: `${before}${name}`, section, offset, length }
    offset += length
    return entry
  })
}

function byName(one: Entry, other: Entry): number {
  return one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1
}

function header(listBytes: number): Buffer {
  const listAt = headerBytes + sizeBytes
  return Buffer.concat([
    Buffer.from('ITSF'),
    numbers(3, headerBytes, 1, 0, 0x409),
    Buffer.from('10fd017caa7bd0119e0c00a0c922e6ec11fd017caa7bd0119e0c00a0c922e6ec', 'hex'),
    ...[headerBytes, sizeBytes, listAt, listBytes, listAt + listBytes].map(long),
  ])
}

function sizeSection(rest: number): Buffer {
  return Buffer.concat([numbers(0x1fe, 0), long(headerBytes + sizeBytes + rest), numbers(0, 0)])
}

function listHeader(): Buffer {
  return Buffer.concat([
    Buffer.from('ITSP'),
    numbers(1, listHeaderBytes, 10, chunkBytes, 2, 1, -1, 0, 0, -1, 1, 0x409),
    Buffer.from('6a92025d2e21d0119df900a0c922e6ec', 'hex'),
    numbers(listHeaderBytes, -1, -1, -1),
  ])
}

function listChunk(entries: readonly Entry[]): Buffer {
  const rows = Buffer.concat(
    entries.flatMap(({ name, section, offset, length }) => [
      ...[name.length].map(variable),
      Buffer.from(name),
      ...[section, offset, length].map(variable),
    ]),
  )
  const free = chunkBytes - 20 - rows.length
  const chunk = Buffer.concat([Buffer.from('PMGL'), numbers(free, 0, -1, -1), rows, Buffer.alloc(free)])
  chunk.writeUInt16LE(entries.length, chunkBytes - 2)
  return chunk
}

function sectionNames(...names: readonly string[]): Buffer {
  const rows = names.map((name) => Buffer.concat([short(name.length), Buffer.from(`${name}\0`, 'utf16le')]))
  const all = Buffer.concat(rows)
  return Buffer.concat([short(all.length / 2 + 2), short(names.length), all])
}

/** Version 2: windows and resets are counted in frames. */
function controlData(): Buffer {
  return Buffer.concat([numbers(6), Buffer.from('LZXC'), numbers(2, 2, 2, 1, 0)])
}

function resetTable(unpacked: number, packed: number): Buffer {
  return Buffer.concat([numbers(2, 1, 8, 40), ...[unpacked, packed, mostContentBytes, 0].map(long)])
}

/** Bits go into words of 16, the highest first: no translation of calls (1 bit), block of kind 3 (3), its length (24), filled up. */
function lzxOf(content: Buffer): Buffer {
  const bits = ((3 << 28) | (content.length << 4)) >>> 0
  const fill = Buffer.alloc(content.length % 2)
  return Buffer.concat([short(bits >>> 16), short(bits & 0xffff), numbers(1, 1, 1), content, fill])
}

/** Seven bits a byte, the highest first. */
function variable(value: number): Buffer {
  const bytes = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80)
  return Buffer.from(bytes)
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value | 0, index * 4)
  return bytes
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(value)
  return bytes
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(BigInt(value))
  return bytes
}
