// Makes tar archives of one file with holes, in the four ways in which they are stored.
import { makeTar } from './archives.ts'

export const sparseKinds = ['gnu', 'pax-0.0', 'pax-0.1', 'pax-1.0'] as const

export interface SparseFile {
  readonly name: string
  readonly size: number
  readonly pieces: readonly { readonly at: number; readonly data: Buffer }[]
}

/** The file with its holes. */
export function wholeOf({ size, pieces }: SparseFile): Buffer {
  const whole = Buffer.alloc(size)
  for (const { at, data } of pieces) data.copy(whole, at)
  return whole
}

export function makeSparseTar(kind: (typeof sparseKinds)[number], file: SparseFile): Buffer {
  const { name, size, pieces } = file
  const packed = Buffer.concat(pieces.map(({ data }) => data))
  if (kind === 'gnu') return gnuTar(file, packed)
  const numbers = pieces.flatMap(({ at, data }) => [at, data.length])
  const records: Record<(typeof sparseKinds)[number], readonly string[]> = {
    gnu: [],
    'pax-0.0': numbers.map((number, index) => `GNU.sparse.${index % 2 === 0 ? 'offset' : 'numbytes'}=${number}`),
    'pax-0.1': [`GNU.sparse.name=${name}`, `GNU.sparse.map=${numbers.join(',')}`],
    'pax-1.0': [`GNU.sparse.name=${name}`, 'GNU.sparse.major=1', 'GNU.sparse.minor=0', `GNU.sparse.realsize=${size}`],
  }
  const stated = kind === 'pax-1.0' ? [] : [`GNU.sparse.size=${size}`, `GNU.sparse.numblocks=${pieces.length}`]
  const lines = [pieces.length, ...numbers].map((number) => `${number}\n`).join('')
  const map = kind === 'pax-1.0' ? padded(Buffer.from(lines)) : Buffer.alloc(0)
  return makeTar([
    { name: 'PaxHeader', data: Buffer.from([...stated, ...records[kind]].map(record).join('')), type: 'x' },
    { name: kind === 'pax-0.0' ? name : 'GNUSparseFile.0/x', data: Buffer.concat([map, packed]) },
  ])
}

function record(text: string): string {
  let length = text.length + 3
  while (`${length} ${text}\n`.length !== length) length += 1
  return `${length} ${text}\n`
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)])
}

/** Four pieces in the header, 21 in each block behind it. */
function gnuTar({ name, size, pieces }: SparseFile, packed: Buffer): Buffer {
  const tar = makeTar([{ name, data: packed, type: 'S' }])
  const header = Buffer.from(tar.subarray(0, 512))
  header.fill(0, 257, 265)
  header.write('ustar  ', 257)
  const octal = (value: number): string => `${value.toString(8).padStart(11, '0')}\0`
  const pairs = pieces.map(({ at, data }) => `${octal(at)}${octal(data.length)}`)
  header.write(pairs.slice(0, 4).join(''), 386)
  header.write(octal(size), 483)
  const blocks: Buffer[] = []
  for (let first = 4; first < pairs.length; first += 21) {
    const block = Buffer.alloc(512)
    block.write(pairs.slice(first, first + 21).join(''))
    if (first + 21 < pairs.length) block[504] = 1
    blocks.push(block)
  }
  if (blocks.length > 0) header[482] = 1
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, ...blocks, tar.subarray(512)])
}
