import { afterAll, expect, it } from 'vitest'
import { limitsWith } from '../limits/limits.ts'
import type { Member, Unpacker } from '../unpack/unpacker.ts'
import { ContentScan } from './content-scan.ts'
import { Detectors } from './detectors.ts'
import { createPatternEngine } from './pattern-backends.ts'
import { infectedMarker, Lab } from './testing/lab.ts'

const lab = new Lab()
afterAll(() => lab.dispose())

/** A scan in which every content opens to what `members` says. */
async function scanOf(members: (bytes: Buffer) => Member[], rules = 'rule Any { strings: $a = "bad" condition: $a }') {
  const databases = await lab.databases({ 'a.yar': rules })
  const patterns = await createPatternEngine(databases.rules, { timeoutMs: 1000, maxMatches: 64 })
  const unpacker: Unpacker = {
    formats: new Set(['zip']),
    unpack: async function* ({ bytes }) {
      yield* members(bytes)
    },
  }
  const unpackers = { openings: (bytes: Buffer) => [{ unpacker, format: 'zip' as const, bytes, guessed: false }] }
  return new ContentScan(
    { detectors: new Detectors(databases, patterns), unpackers, limits: limitsWith(), secondEngine: null },
    '/x',
  )
}

it('an archive that contains itself is looked at once', async () => {
  const quine = Buffer.from('it contains itself and something bad')
  const scan = await scanOf((bytes) => [{ kind: 'content', name: Buffer.from('self'), bytes }])
  expect(await scan.scan(quine, Buffer.from('quine.zip'))).toMatchObject({
    objects: 2,
    problems: [],
    findings: [{ member: [] }],
  })
})

it('a report is bounded in findings and problems, but every reason is in it', async () => {
  const names = Array.from({ length: 500 }, (_, index) => Buffer.from(`n${index}`))
  const scan = await scanOf((bytes) =>
    bytes.toString() !== 'top'
      ? []
      : [
          ...names.map(
            (name): Member => ({ kind: 'content', name, bytes: Buffer.concat([name, Buffer.from(' bad')]) }),
          ),
          ...names.map((name): Member => ({ kind: 'skipped', name, reason: 'encrypted' })),
          { kind: 'problem', reason: 'corrupt' },
        ],
  )
  const report = await scan.scan(Buffer.from('top'), Buffer.from('top.zip'))
  expect(report.findings).toHaveLength(200)
  expect(report.problems.map(({ reason }) => reason)).toContain('corrupt')
  expect(report.problems.length).toBeLessThanOrEqual(51)
  expect(report.container).toEqual({ format: 'zip', leaves: 1000 })
  expect(report.findingsComplete).toBe(false)
})

it('many mild findings never hide a worse one', async () => {
  const rules =
    'rule Mild { meta: score = 40 strings: $a = "mild" condition: $a } rule Bad { meta: score = 90 strings: $a = "bad" condition: $a }'
  const scan = await scanOf(
    (bytes) =>
      bytes.toString() !== 'top'
        ? []
        : Array.from({ length: 300 }, (_, index): Member => {
            const bytes = Buffer.from(index === 299 ? 'bad' : `mild ${index}`)
            return { kind: 'content', name: Buffer.from(`n${index}`), bytes }
          }),
    rules,
  )
  const { findings, findingsComplete } = await scan.scan(Buffer.from('top'), Buffer.from('top.zip'))
  expect(findings).toHaveLength(200)
  expect(findings.filter(({ threat }) => threat === 'Bad')).toMatchObject([{ member: ['n299'], verdict: 'infected' }])
  expect(findingsComplete).toBe(false)
})

it('a fault of who opens a container is a gap, and what was found already stays', async () => {
  const scan = await scanOf((bytes) => {
    if (bytes.toString() !== 'top') return []
    const members: Member[] = [{ kind: 'content', name: Buffer.from('first'), bytes: Buffer.from('bad') }]
    return new Proxy(members, {
      get: (target, key) => {
        if (key === '1') return Buffer.alloc(1).readUInt32LE(0)
        return key === 'length' ? 2 : Reflect.get(target, key)
      },
    })
  })
  const { findings, problems } = await scan.scan(Buffer.from('top'), Buffer.from('top.zip'))
  expect(findings).toMatchObject([{ member: ['first'] }])
  expect(problems).toEqual([{ member: [], reason: 'corrupt', partial: true }])
})

it('a pattern engine that fails makes a partial report, never a clean one', async () => {
  const databases = await lab.databases({ 'a.yar': 'rule Any { condition: true }' })
  const broken = {
    backend: 'native' as const,
    scan: () => {
      throw new Error('trap')
    },
    dispose: () => {},
  }
  const slow = {
    ...broken,
    scan: () => {
      throw new Error('Scan timed out')
    },
  }
  for (const [engine, reason] of [
    [broken, 'rules-unavailable'],
    [slow, 'time-limit'],
  ] as const) {
    const tools = {
      detectors: new Detectors(databases, engine),
      unpackers: { openings: () => [] },
      limits: limitsWith(),
      secondEngine: null,
    }
    const report = await new ContentScan(tools, '/x').scan(infectedMarker, Buffer.from('x'))
    expect(report.problems).toEqual([{ member: [], reason, partial: true }])
  }
})
