import { createHash } from 'node:crypto'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { decide, defaultTreatmentSettings } from '#shared/domain/policy.ts'
import { found, Lab, missed } from './testing/lab.ts'
import { program } from './testing/program.ts'

const hashed = vi.hoisted(() => [] as string[])
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  return {
    ...real,
    createHash: (algorithm: string) => {
      hashed.push(algorithm)
      return real.createHash(algorithm)
    },
  }
})

const lab = new Lab()
afterAll(() => lab.dispose())
const digest = (algorithm: string, data: Buffer) => createHash(algorithm).update(data).digest('hex')

const [text, data] = [Buffer.alloc(600, 'code'), Buffer.alloc(700, 'data')]

describe('sections of programs', () => {
  it.each(['md5', 'sha1', 'sha256'])('are found by their size and %s, and only with both (15)', async (algorithm) => {
    const line = (size: number | string, name: string) => `${size}:${digest(algorithm, data)}:${name}\n`
    const scanner = await lab.scanner({ 'a.mdb': line(700, 'Test.Section') + line(701, 'Test.WrongSize') })
    expect(found(await scanner.scanFile(lab.file('a.exe', program([text, data]))))).toEqual(['Test.Section'])
    expect(found(await scanner.scanFile(lab.file('b.exe', program([data, text]))))).toEqual(['Test.Section'])
    expect(found(await scanner.scanFile(lab.file('c.exe', program([text, text]))))).toEqual([])
    expect(found(await scanner.scanFile(lab.file('plain', data)))).toEqual([])
  })

  it('a program that was cut does no harm, at any place (16)', async () => {
    const scanner = await lab.scanner({ 'a.mdb': `700:${digest('md5', data)}:Test.Section\n` })
    const whole = program([text, data])
    for (let length = 0; length < whole.length; length += 37) {
      const result = await scanner.scanFile(lab.file('cut.exe', whole.subarray(0, length)))
      expect(found(result)).toEqual([])
      if (length > 0x98 + 80) expect(missed(result)).toEqual(['truncated'])
    }
  })
})

describe('sections that hide behind others', () => {
  const decoys = (count: number) => Array.from({ length: count }, () => text)
  const signature = `${text.length}:${digest('md5', Buffer.from('other'))}:Other\n700:${digest('md5', data)}:Test.Section\n`

  it('the same place under many names is asked about once, and all of the others still are', async () => {
    const scanner = await lab.scanner({ 'a.mdb': signature })
    const many = program([...decoys(1), data], { repeatFirst: 90 })
    expect(found(await scanner.scanFile(lab.file('same.exe', many)))).toEqual(['Test.Section'])
  })

  it('where overlapping ones make too much of it, that is told', async () => {
    const scanner = await lab.scanner({ 'a.mdb': signature })
    const result = await scanner.scanFile(lab.file('shifted.exe', program([text, data], { shiftedFirst: 90 })))
    expect(missed(result)).toEqual(['time-limit'])
    expect(result).not.toHaveProperty('seen')
  })
})

describe('signatures of unwanted software', () => {
  const content = program([text, data])
  const line = (algorithm: string, name: string) => `${digest(algorithm, content)}:${content.length}:${name}\n`
  const section = (algorithm: string, name: string) => `${data.length}:${digest(algorithm, data)}:${name}\n`

  it.each([
    ['tools.hdu', line('md5', 'Win.Tool-1')],
    ['tools.hsu', line('sha256', 'Win.Tool-1')],
    ['TOOLS.HSU', line('sha1', 'Win.Tool-1')],
    ['tools.hsu', line('sha256', 'Win.Tool-1:1')],
    ['tools.mdu', section('md5', 'Win.Tool-1')],
    ['tools.msu', section('sha256', 'Win.Tool-1')],
    ['tools.hdb', line('md5', 'PUA.Win.Tool-1')],
  ])('are risky by their file, whatever their name, and never acted on by themselves: %s (14)', async (file, text) => {
    const scanner = await lab.scanner({ [file]: text })
    const result = await scanner.scanFile(lab.file('a.exe', content))
    if (result.kind !== 'detected') throw new Error(result.kind)
    expect(result.object.findings).toMatchObject([{ verdict: 'risky', detector: 'hash' }])
    expect(decide(result.object, defaultTreatmentSettings, { kind: 'schedule' })).toEqual({ kind: 'keep' })
  })

  it('say nothing less of what is malicious by another signature', async () => {
    const scanner = await lab.scanner({
      'a.hdu': line('md5', 'Win.Tool-1') + line('sha256', 'Win.Both-1'),
      'b.hdb': line('md5', 'Win.Bad-1') + line('md5', 'Win.Both-1'),
    })
    const { findings } = await scanner.scanBuffer(content, 'a.exe')
    expect(Object.fromEntries(findings.map(({ threat, verdict }) => [threat, verdict]))).toEqual({
      'Win.Bad-1': 'infected',
      'Win.Both-1': 'infected',
      'Win.Tool-1': 'risky',
    })
  })

  it('a name that is excluded hides no other name of the same content', async () => {
    const scanner = await lab.scanner({
      'a.hdb': line('md5', 'Win.Excluded-1') + line('md5', 'Win.Bad-1'),
      'a.ign2': 'Win.Excluded-1\n',
    })
    const { findings } = await scanner.scanBuffer(content, 'a.exe')
    expect(findings.map(({ threat }) => threat)).toEqual(['Win.Bad-1'])
  })
})

it('weak digests are computed only for sizes that some signature is about', async () => {
  const content = Buffer.from('some content')
  const scanner = await lab.scanner({ 'a.hdb': `${digest('md5', content)}:${content.length}:Test.Md5\n` })
  const algorithmsFor = async (bytes: Buffer): Promise<string[]> => {
    hashed.length = 0
    await scanner.scanBuffer(bytes, 'x')
    return [...new Set(hashed)].sort()
  }
  expect(await algorithmsFor(Buffer.from('another content'))).toEqual(['sha256'])
  expect(await algorithmsFor(Buffer.from('same length!'))).toEqual(['md5', 'sha256'])
  const anySize = await lab.scanner({ 'a.hdb': `${digest('md5', content)}:*:Test.Md5\n` })
  hashed.length = 0
  await anySize.scanBuffer(Buffer.from('another content'), 'x')
  expect(hashed).toContain('md5')
})
