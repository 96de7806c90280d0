// Files with holes in a tar are looked at as the files that they are, wherever their pieces lie; a map that lies is told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import { sourceOfBuffer } from '../files/byte-source.ts'
import { limitsWith } from '../limits/limits.ts'
import type { Scanner } from '../scanner.ts'
import { Budget } from './budget.ts'
import { readerOf } from './large/forward-reader.ts'
import { tarMembers } from './tar.ts'
import { makeTar } from './testing/archives.ts'
import { makeIso } from './testing/plain-archives.ts'
import { makeSparseTar, type SparseFile, sparseKinds, wholeOf } from './testing/sparse-tar.ts'

const lab = new Lab()
const marked = Buffer.from('a content that only the database of this test knows; '.repeat(20))
const iso = makeIso({ name: 'MARKED', data: marked })
const piece = (at: number, length: number) => ({ at, data: iso.subarray(at, at + length) })
/** As `tar -S` stores it: what is not zero, in whole blocks. */
const pieces = Array.from({ length: Math.ceil(iso.length / 512) }, (_, block) => piece(block * 512, 512)).filter(
  ({ data }) => data.some((byte) => byte !== 0),
)
const image: SparseFile = { name: 'disk.iso', size: iso.length, pieces }
const many: SparseFile = {
  name: 'many',
  size: 300_000,
  pieces: Array.from({ length: 70 }, (_, index) => ({ at: 1000 + index * 4000, data: marked })),
}
let scanner: Scanner
beforeAll(async () => {
  const known = [marked, wholeOf(many)].map((data) => `${sha256(data)}:${data.length}:Known`)
  scanner = await lab.scanner({ 'a.hsb': `${known.join('\n')}\n` })
})
afterAll(() => lab.dispose())

const scan = (data: Buffer) => scanner.scanFile(lab.file('a.tar', data))
const behind = { name: 'behind', data: marked }
/** Another member behind it, which is found only when the pieces and their map were passed exactly. */
const withBehind = (tar: Buffer): Buffer => Buffer.concat([tar.subarray(0, -1024), makeTar([behind])])

describe.each(sparseKinds)('a file with holes, stored as %s', (kind) => {
  it('that is an image of a disk is opened', async () => {
    const result = await scan(withBehind(makeSparseTar(kind, image)))
    expect(found(result)).toEqual(['disk.iso!MARKED!Known', 'behind!Known'])
    expect(missed(result)).toEqual([])
  })

  it('in many pieces is the file that it was', async () => {
    const result = await scan(withBehind(makeSparseTar(kind, many)))
    expect(found(result)).toEqual(['many!Known', 'behind!Known'])
    expect(missed(result)).toEqual([])
  })

  it('is the same in pieces of any size', async () => {
    const reader = readerOf(sourceOfBuffer(makeSparseTar(kind, many)))
    const parts: Buffer[] = []
    const members = tarMembers(reader, new Budget(limitsWith({})), async function* ({ size }, file) {
      parts.push(Buffer.from(await file.take(1)))
      await file.skip(9)
      parts.push(Buffer.alloc(9))
      for await (const part of file.pieces(size)) parts.push(Buffer.from(part))
      yield size
    })
    for await (const member of members) expect(member).toBe(many.size)
    // Compared by hand: toEqual takes seconds.
    expect(Buffer.concat(parts).equals(wholeOf(many))).toBe(true)
  })

  it('larger than there is room for is looked at as far as that, and called too big', async () => {
    const first = { name: 'huge', size: 2 ** 40, pieces: [{ at: 0, data: marked }] }
    const small = await lab.scanner({ 'a.hsb': `${sha256(marked)}:${marked.length}:Known\n` }, { memberBytes: 100_000 })
    const result = await small.scanFile(lab.file('a.tar', withBehind(makeSparseTar(kind, first))))
    expect(missed(result)).toEqual(['huge!too-big'])
    expect(found(result)).toEqual(['behind!Known'])
  })

  it('whose pieces overlap is not wholly looked at', async () => {
    const lying = { name: 'x', size: 5000, pieces: [0, 100].map((at) => ({ at, data: marked })) }
    const result = await scan(withBehind(makeSparseTar(kind, lying)))
    expect(missed(result)).toEqual(['x!unsupported'])
    expect(found(result)).toEqual(['behind!Known'])
  })
})

it('a file with holes that states another size than its pieces have is not wholly looked at', async () => {
  const tar = makeSparseTar('pax-0.1', { name: 'x', size: 5000, pieces: [{ at: 0, data: marked }] })
  const lying = Buffer.from(tar.toString('latin1').replace('sparse.map=0,1060', 'sparse.map=0,1061'), 'latin1')
  expect(missed(await scan(lying))).toEqual(['x!unsupported'])
})
