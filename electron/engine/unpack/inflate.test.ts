// What comes out of compressed data before it is damaged, cut or over is kept, whichever way it is inflated.
import { constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { limitsWith } from '../limits/limits.ts'
import { Budget } from './budget.ts'
import { inflate } from './inflate.ts'
import { InflatedPieces } from './inflate-stream.ts'

const text = Buffer.from('some words that are looked for; '.repeat(50))
const packed = gzipSync(text)
const budget = (limits = {}) => new Budget(limitsWith(limits))

function changed(data: Buffer, at: number): Buffer {
  const copy = Buffer.from(data)
  copy[data.length + at] = (copy.at(at) ?? 0) ^ 1
  return copy
}

/** Through a stream whose data comes in pieces of this size. */
async function streamed(data: Buffer, pieceBytes: number): Promise<{ bytes: Buffer; problem: string | undefined }> {
  const pieces = Array.from({ length: Math.ceil(data.length / pieceBytes) }, (_, index) =>
    data.subarray(index * pieceBytes, (index + 1) * pieceBytes),
  )
  const inflated = new InflatedPieces(pieces, 'gzip', budget())
  const made: Buffer[] = []
  for await (const piece of inflated) made.push(piece)
  return { bytes: Buffer.concat(made), problem: inflated.problem }
}

describe.each<[string, Buffer, Buffer, string | undefined]>([
  ['whole', packed, text, undefined],
  ['with a checksum that does not fit', changed(packed, -6), text, 'corrupt'],
  ['with something else behind it', Buffer.concat([packed, Buffer.from('not compressed')]), text, undefined],
  ['with zeros behind it', Buffer.concat([packed, Buffer.alloc(3000)]), text, undefined],
  [
    'of two members with zeros between them',
    Buffer.concat([packed, Buffer.alloc(20_000), packed, Buffer.alloc(9)]),
    Buffer.concat([text, text]),
    undefined,
  ],
  ['of two members', Buffer.concat([packed, packed]), Buffer.concat([text, text]), undefined],
  [
    'of two members, the second cut',
    Buffer.concat([packed, packed.subarray(0, -3)]),
    Buffer.concat([text, text]),
    'truncated',
  ],
  ['of many members', Buffer.concat(Array(500).fill(packed)), Buffer.concat(Array(500).fill(text)), undefined],
  ['with all parts of a header', withHeader(packed), text, undefined],
  ['cut in its header', withHeader(packed).subarray(0, 14), Buffer.alloc(0), 'truncated'],
  ['cut before its checksum', packed.subarray(0, -8), text, 'truncated'],
  ['that is none', Buffer.from('words'), Buffer.alloc(0), 'corrupt'],
])('a gzip file %s', (_, data, bytes, problem) => {
  it('in memory', async () => {
    const result = await inflate(data, 'gzip', budget())
    expect([result.bytes.equals(bytes), result.problem]).toEqual([true, problem])
  })

  it.each([1, 7, 1000])('in pieces of %i', async (size) => {
    const result = await streamed(data, size)
    expect([result.bytes.equals(bytes), result.problem]).toEqual([true, problem])
  })
})

/** Flags: checksum of the header, extra field, name, comment. */
function withHeader(gzip: Buffer): Buffer {
  const fixed = Buffer.from(gzip.subarray(0, 10))
  fixed[3] = 2 | 4 | 8 | 16
  const fields = [
    Buffer.from('0300616263', 'hex'),
    Buffer.from('name\0'),
    Buffer.from('comment\0'),
    Buffer.from('0000', 'hex'),
  ]
  return Buffer.concat([fixed, ...fields, gzip.subarray(10)])
}

it('what was made before damage in the middle is kept', async () => {
  const open = deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH })
  const inflated = new InflatedPieces([open, Buffer.alloc(100, 0xff)], 'raw', budget())
  const made: Buffer[] = []
  for await (const piece of inflated) made.push(piece)
  expect([Buffer.concat(made).equals(text), inflated.problem]).toEqual([true, 'corrupt'])
})

it.each([
  ['raw', deflateRawSync(text)],
  ['zlib', deflateSync(text)],
] as const)('%s data cut short', async (wrapping, data) => {
  const whole = await inflate(data, wrapping, budget())
  expect([whole.bytes.equals(text), whole.problem]).toEqual([true, undefined])
  expect((await inflate(data.subarray(0, -5), wrapping, budget())).problem).toBe('truncated')
})

it('reads nothing on once nobody asks', async () => {
  let asked = 0
  let closed = false
  async function* pieces(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        asked += 1
        yield gzipSync(Buffer.alloc(100_000, `${asked}`))
      }
    } finally {
      closed = true
    }
  }
  for await (const piece of new InflatedPieces(pieces(), 'gzip', budget())) {
    expect(piece.length).toBeGreaterThan(0)
    break
  }
  const before = asked
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect([closed, asked]).toEqual([true, before])
})

it('errors of what it reads are not errors of the data', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield packed.subarray(0, 30)
    throw Object.assign(new Error('read'), { code: 'EIO' })
  }
  const read = async () => {
    for await (const piece of new InflatedPieces(failing(), 'gzip', budget())) void piece
  }
  await expect(read()).rejects.toMatchObject({ code: 'EIO' })
})

it('a million members that make nothing end with the time', async () => {
  const empty = Buffer.concat(Array(200_000).fill(gzipSync('')))
  const inflated = new InflatedPieces([empty], 'gzip', budget({ timeMs: 50 }))
  for await (const piece of inflated) void piece
  expect(inflated.problem).toBe('time-limit')
})
