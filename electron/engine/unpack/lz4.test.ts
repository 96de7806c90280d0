// LZ4 is opened in all its forms, as far as it goes, and what is missing of it is told.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import { limitsWith } from '../limits/limits.ts'
import type { Scanner } from '../scanner.ts'
import { Budget } from './budget.ts'
import { lz4Unpacker } from './lz4.ts'
import { compressedFixtures } from './testing/compressed-fixtures.ts'
import { makeCpio } from './testing/cpio.ts'
import type { Member } from './unpacker.ts'

const lab = new Lab()
const frame = Buffer.from(compressedFixtures.lz4, 'base64')
const old = Buffer.from(compressedFixtures.lz4Legacy, 'base64')
const skipped = Buffer.concat([Buffer.from('5a2a4d1810000000', 'hex'), Buffer.alloc(16, 1)])
/** Says that the frame needs a dictionary; its sum fits. */
const withDictionary = Buffer.from('04224d1861400000000000', 'hex')
let [scanner, marked]: [Scanner | undefined, Buffer] = [undefined, Buffer.alloc(0)]
beforeAll(async () => {
  const [one] = await opened(frame)
  marked = one?.kind === 'content' ? Buffer.from(one.bytes) : marked
  const known = [marked, Buffer.concat([marked, marked])].map((bytes) => `${sha256(bytes)}:${bytes.length}:Known`)
  scanner = await lab.scanner({ 'a.hsb': `${known.join('\n')}\n` })
})
afterAll(() => lab.dispose())

async function opened(bytes: Buffer, limits = {}): Promise<Member[]> {
  const members: Member[] = []
  const input = { bytes, name: Buffer.from('a.lz4'), format: 'lz4', budget: new Budget(limitsWith(limits)) } as const
  for await (const member of lz4Unpacker.unpack(input)) members.push(member)
  return members
}

it.each<[string, Buffer]>([
  ['a frame', frame],
  ['the older form', old],
  ['several frames, which are one content', Buffer.concat([frame, frame])],
  ['frames of both forms', Buffer.concat([frame, old])],
  ['a frame behind another one that is to be passed over', Buffer.concat([skipped, frame])],
  [
    'the older form behind a cpio, as a system starts from',
    Buffer.concat([makeCpio([{ name: 'a', data: Buffer.from('b') }]), old]),
  ],
  ['something else behind a frame', Buffer.concat([frame, Buffer.from('words that are no frame')])],
  ['a frame behind a frame with something else between them', Buffer.concat([frame, Buffer.alloc(40, 1), frame])],
])('%s', async (_, data) => {
  const result = await scanner?.scanFile(lab.file('a.lz4', data))
  expect(result === undefined ? [] : found(result).map((each) => each.replace(/.*!/, ''))).toContain('Known')
  expect(result === undefined ? [] : missed(result)).toEqual([])
})

describe('what is not all there is told', () => {
  const problems = async (bytes: Buffer, limits = {}) =>
    (await opened(bytes, limits)).map((member) => ('problem' in member ? member.problem : undefined))
  const changed = (bytes: Buffer, at: number, value: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy[at] = value
    return copy
  }

  it.each<[string, Buffer, string]>([
    ['cut in a block', frame.subarray(0, 60), 'truncated'],
    ['cut before its end mark', frame.subarray(0, -8), 'truncated'],
    ['of the older form, cut', old.subarray(0, 60), 'truncated'],
    ['with a header that was changed', changed(Buffer.concat([frame, frame]), frame.length + 5, 0x50), 'corrupt'],
    ['with a block larger than any', changed(frame, 18, 0x7f), 'corrupt'],
  ])('%s', async (_, data, reason) => expect(await problems(data)).toContain(reason))

  it('of what needs a dictionary', async () => {
    const sums = Array.from({ length: 256 }, (_, sum) => changed(withDictionary, 10, sum))
    const reasons = await Promise.all(sums.map((data) => problems(data)))
    expect(reasons.flat().filter((reason) => reason === 'unsupported')).toHaveLength(1)
  })

  it('of what reaches back before its beginning', async () => {
    const block = Buffer.from('1061ffff0000000000', 'hex')
    const data = Buffer.concat([Buffer.from('02214c1809000000', 'hex'), block])
    expect(await problems(data)).toEqual(['corrupt'])
  })

  it('of what becomes more than there is room for, of which no more is made', async () => {
    const [member] = await opened(Buffer.concat([frame, frame]), { memberBytes: marked.length + 10 })
    expect(member).toMatchObject({ problem: 'too-big' })
    expect(member?.kind === 'content' ? member.bytes.length : 0).toBe(marked.length + 10)
  })
})
