// Makes what NSIS puts behind the program of an installer: its header and compressed members. Used by tests only.
import { deflateRawSync } from 'node:zlib'

export interface NsisMember {
  readonly name: string
  readonly data: Buffer
}

export type NsisMethod = 'deflate' | 'store'

const mark = Buffer.from('efbeadde4e756c6c736f6674496e7374', 'hex')
/** Steps of the installer, by the numbers of NSIS 2. */
const [stop, extractFile] = [1, 20]
/** Tables that a header says the place and length of: pages, sections, steps, texts, languages, colours, pictures, data. */
const [tables, stepTable] = [8, 2]
const beforeTables = 4 + tables * 8
const firstHeaderBytes = 28
/** An installer without any text is none. */
const title = Buffer.from('Setup\0')

/** Each member and the header are a block of their own. Begins with the flags before the mark. */
export function makeNsis(members: readonly NsisMember[], method: NsisMethod = 'deflate'): Buffer {
  const blocks = members.map(({ data }) => blockOf(data, method))
  const header = headerOf(members, blocks)
  const body = Buffer.concat([blockOf(header, method), ...blocks])
  return Buffer.concat([numbers(0), mark, numbers(header.length, firstHeaderBytes + body.length), body])
}

/** An installer: the program ends where NSIS looks for its mark, at a multiple of 512 bytes. */
export function makeInstaller(program: Buffer, members: readonly NsisMember[]): Buffer {
  return Buffer.concat([program, Buffer.alloc((512 - (program.length % 512)) % 512), makeNsis(members)])
}

function headerOf(members: readonly NsisMember[], blocks: readonly Buffer[]): Buffer {
  const steps: Buffer[] = []
  const texts = [Buffer.alloc(1), title]
  let [textAt, dataAt] = [1 + title.length, 0]
  for (const [index, { name }] of members.entries()) {
    const text = Buffer.from(`${name}\0`, 'latin1')
    steps.push(numbers(extractFile, 0, textAt, dataAt, 0, 0, 0))
    texts.push(text)
    textAt += text.length
    dataAt += blocks[index]?.length ?? 0
  }
  const stepBytes = Buffer.concat([...steps, numbers(stop, 0, 0, 0, 0, 0, 0)])
  const textsAt = beforeTables + stepBytes.length
  const places = [beforeTables, beforeTables, beforeTables, textsAt, textsAt + textAt, textsAt + textAt, 0, 0]
  const lengths = places.map((_, table) => (table === stepTable ? steps.length + 1 : 0))
  const directory = places.flatMap((place, table) => [place, lengths[table] ?? 0])
  return Buffer.concat([numbers(0, ...directory), stepBytes, ...texts])
}

/** The highest bit of the length says that it is compressed. */
function blockOf(data: Buffer, method: NsisMethod): Buffer {
  if (method === 'store') return Buffer.concat([numbers(data.length), data])
  const block = deflateRawSync(data)
  return Buffer.concat([numbers(block.length | 0x80000000), block])
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeInt32LE(value | 0, index * 4)
  return bytes
}
