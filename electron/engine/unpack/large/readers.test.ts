// However a content is read, by place or on and on, the same bytes come out.
import { closeSync, openSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lab } from '../../detect/testing/lab.ts'
import { findMark, sourceOfBuffer } from '../../files/byte-source.ts'
import { createReadBuffer } from '../../walk/read-buffer.ts'
import { sourceOfFile } from './file-source.ts'
import { type ForwardReader, readerOf } from './forward-reader.ts'
import { PieceReader } from './piece-reader.ts'

const lab = new Lab()
const MB = 1024 * 1024
const data = Buffer.alloc(3 * MB)
for (let at = 0; at < data.length; at += 4) data.writeUInt32LE(Math.imul(at, 2_654_435_761) >>> 0, at)
const memory = createReadBuffer(4 * MB)
let fd = -1
beforeAll(() => {
  fd = openSync(lab.file('data', data), 'r')
})
afterAll(() => {
  closeSync(fd)
  lab.dispose()
})

/** The same numbers every time (xorshift). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

describe('a file', () => {
  it('has the bytes of a buffer at every place', () => {
    const [file, buffer] = [sourceOfFile({ fd, size: data.length, memory }), sourceOfBuffer(data)]
    const random = randomNumbers(20261129)
    let at = 0
    for (let round = 0; round < 3000; round += 1) {
      at = random(3) === 0 ? random(data.length + 1000) - 500 : at + random(2000)
      const length = random(20) === 0 ? random(MB) : random(3000)
      const want = at < 0 ? Buffer.alloc(0) : buffer.read(at, length)
      expect(file.read(at, length).equals(want)).toBe(true)
      const lent = file.lend(at, length)
      expect(lent.bytes.equals(want)).toBe(true)
      lent.giveBack()
    }
  })

  it('ends where it ends now, not where it ended once', () => {
    const file = sourceOfFile({ fd, size: data.length + 5000, memory })
    expect(file.read(data.length - 10, 5000)).toEqual(data.subarray(-10))
    expect(file.read(data.length + 10, 10)).toHaveLength(0)
  })

  it('shows a mark wherever it lies', () => {
    const file = sourceOfFile({ fd, size: data.length, memory })
    const random = randomNumbers(7)
    for (let round = 0; round < 100; round += 1) {
      const at = random(data.length - 8)
      const mark = data.subarray(at, at + 8)
      const from = random(at + 1)
      expect(findMark(file, mark, from)).toBe(data.indexOf(mark, from))
      expect(findMark(file, mark, from, at + 7)).toBe(-1)
    }
    expect(findMark(file, Buffer.from('no such mark'), 0)).toBe(-1)
  })
})

describe('a content is read on in the same way', () => {
  const pieces = (size: number) => {
    const parts = Array.from({ length: Math.ceil(data.length / size) }, (_, index) =>
      data.subarray(index * size, (index + 1) * size),
    )
    return (async function* () {
      yield* parts
    })()
  }
  it.each<[string, () => ForwardReader]>([
    ['from a buffer', () => readerOf(sourceOfBuffer(data))],
    ['from a file', () => readerOf(sourceOfFile({ fd, size: data.length, memory }))],
    ['in small pieces', () => new PieceReader({ pieces: pieces(700), memory, endReason: () => 'truncated' })],
    ['in large pieces', () => new PieceReader({ pieces: pieces(200_000), memory, endReason: () => 'truncated' })],
  ])('%s', async (_, make) => {
    const reader = make()
    const random = randomNumbers(20261130)
    let at = 0
    while (at < data.length) {
      const length = random(10) === 0 ? random(300_000) : random(2000)
      const want = data.subarray(at, at + length)
      const way = random(4)
      if (way === 0) expect((await reader.take(length)).equals(want)).toBe(true)
      else if (way === 1) {
        const lent = await reader.lend(length)
        expect(lent.bytes.equals(want)).toBe(true)
        lent.giveBack()
      } else if (way === 2) await reader.skip(length)
      else {
        const some: Buffer[] = []
        for await (const piece of reader.pieces(length)) some.push(piece)
        expect(Buffer.concat(some).equals(want)).toBe(true)
      }
      at += want.length
      expect(reader.at).toBe(at)
    }
    expect(await reader.take(10)).toHaveLength(0)
  })
})
