// The client against the real service: its answers, its limits, its end.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createScanner, type Scanner } from '../../scanner.ts'
import { makeZip } from '../../unpack/testing/archives.ts'
import { Lab } from '../testing/lab.ts'
import { askClamdVersion, createClamd } from './clamd.ts'
import { findClamd } from './clamd-settings.ts'
import type { SecondEngine } from './second-engine.ts'
import { type RealClamd, startRealClamd } from './testing/real-clamd.ts'

const bad = Buffer.from('a content that only the signature of this test knows')
const lab = new Lab()
let clamd: RealClamd
let engine: SecondEngine
let scanner: Scanner
const find = () => findClamd({ settings: [clamd.settingsFile], sockets: [] })

beforeAll(async () => {
  const md5 = createHash('md5').update(bad).digest('hex')
  clamd = await startRealClamd({ 'test.hdb': `${md5}:${bad.length}:Test.Bad-1\n` })
  engine = createClamd({ find })
  scanner = await createScanner(await lab.databases({ 'a.hsb': `${'a'.repeat(64)}:*:N\n` }), { secondEngine: engine })
}, 30_000)
afterAll(async () => {
  scanner?.dispose()
  await clamd?.stop()
  lab.dispose()
})

it('finds what clamd knows, in a file and in an archive, and nothing else', async () => {
  const finding = { threat: 'Test.Bad-1.UNOFFICIAL', verdict: 'infected', detector: 'clamd' }
  expect(await scanner.scanBuffer(bad, 'x')).toMatchObject({ findings: [finding], coverage: { kind: 'full' } })
  const zip = makeZip([{ name: 'inside', data: bad }])
  expect(await scanner.scanBuffer(zip, 'x.zip')).toMatchObject({ findings: [{ ...finding, member: ['inside'] }] })
  expect(await scanner.scanBuffer(Buffer.from('harmless'), 'x')).toMatchObject({
    findings: [],
    coverage: { kind: 'full' },
  })
})

it('what is beyond its limits is a gap, and it goes on answering (40, 41)', async () => {
  for (const size of [1_500_000, 3_000_000]) {
    expect(await scanner.scanBuffer(Buffer.alloc(size, 'x'), 'x')).toMatchObject({
      coverage: { kind: 'partial', reasons: ['second-engine'] },
    })
  }
  // Settings that cannot be read: it refuses in the middle of the stream.
  const blind = createClamd({
    find: () => ({ socketPath: clamd.socketPath, streamBytes: 25e6, fileBytes: 25e6, scanMs: 120_000, files: 10_000 }),
  })
  expect(await blind.ask(Buffer.alloc(3_000_000, 'x'))).toEqual({ kind: 'incomplete' })
  expect(await blind.ask(bad)).toEqual({ kind: 'found', threat: 'Test.Bad-1.UNOFFICIAL' })
  blind.dispose()
})

it('tells its version (43)', async () => {
  expect(await askClamdVersion({ find })).toMatch(/^ClamAV \d+\.\d+/)
})

it('when it ends, contents are looked at without it, and that is said (42)', async () => {
  await clamd.stop()
  const started = performance.now()
  expect(await scanner.scanBuffer(Buffer.from('harmless'), 'x')).toMatchObject({
    coverage: { kind: 'partial', reasons: ['second-engine'] },
  })
  expect(performance.now() - started).toBeLessThan(3000)
})
