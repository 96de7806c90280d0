// A scanner service that takes contents and answers late or never, at a hundredth of the times that the product uses.
import { afterAll, afterEach, expect, it } from 'vitest'
import { limitTable } from '../../limits/limits.ts'
import { createScanner } from '../../scanner.ts'
import { makeZip } from '../../unpack/testing/archives.ts'
import { Lab } from '../testing/lab.ts'
import { type ClamdTimes, createClamd, usualTimes } from './clamd.ts'
import type { SecondEngine } from './second-engine.ts'
import { type Answer, type FakeClamd, startFakeClamd } from './testing/fake-clamd.ts'

/** What costs the engine process its life (engine.ts), and what one file may take by itself. */
const watchdogMs = 120_000
const ownMs = limitTable.timeMs.value + limitTable.patternTimeMs.value

const scale = 100
const times: ClamdTimes = {
  connectMs: usualTimes.connectMs / scale,
  answerMs: usualTimes.answerMs / scale,
  longestAnswerMs: usualTimes.longestAnswerMs / scale,
  restMs: usualTimes.restMs / scale,
}
const incomplete = { kind: 'incomplete' }
const lab = new Lab()
const open: { close(): Promise<void> | void }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})
afterAll(() => lab.dispose())

async function clamdThat(answer: Answer, version?: string | null): Promise<{ fake: FakeClamd; engine: SecondEngine }> {
  const fake = await startFakeClamd(answer, { streamBytes: 1e9, fileBytes: 1e9 }, version)
  const engine = createClamd({ find: () => fake.settings, times })
  open.push(fake, { close: () => engine.dispose() })
  return { fake, engine }
}

async function takes(act: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await act()
  return performance.now() - started
}

it('a file that waits for it as long as it may stays below the watchdog', () => {
  const { connectMs, longestAnswerMs } = usualTimes
  expect(ownMs + 2 * connectMs + longestAnswerMs).toBeLessThan(watchdogMs)
})

it('one that hangs costs one answer, then a tenth of the time (42)', async () => {
  const { fake, engine } = await clamdThat(() => undefined)
  const first = await takes(async () => expect(await engine.ask(Buffer.from('x'))).toEqual(incomplete))
  expect(first).toBeGreaterThan(times.answerMs * 0.9)
  expect(first).toBeLessThan(watchdogMs / scale / 2)
  // Thousands of files come by while it rests.
  const rest = await takes(async () => {
    for (let file = 0; file < 5000; file += 1) expect(await engine.ask(Buffer.from('x'))).toEqual(incomplete)
  })
  expect(rest).toBeLessThan(times.answerMs * 5)
  expect(fake.streams).toHaveLength(1)
  expect(engine.version).toBeNull()
})

it('one whose connections hang costs little more than a connection (42)', async () => {
  const { fake, engine } = await clamdThat(() => undefined, null)
  const asked = await takes(async () => expect(await engine.ask(Buffer.from('x'))).toEqual(incomplete))
  expect(asked).toBeGreaterThan(times.connectMs * 0.9)
  expect(asked).toBeLessThan(times.answerMs)
  expect(fake.streams).toEqual([])
})

it('a large content has longer, and never longer than the longest', async () => {
  const { engine } = await clamdThat(() => undefined)
  const took = await takes(() => engine.ask(Buffer.alloc(100 * 1024 * 1024)))
  expect(took).toBeLessThan(times.longestAnswerMs + 1000)
})

it('it answers within the time that is left for the file, and is asked again after that', async () => {
  let isSlow = true
  const { fake, engine } = await clamdThat((_, reply) => {
    if (!isSlow) reply('stream: OK')
  })
  const left = times.answerMs / 10
  expect(await takes(() => engine.ask(Buffer.from('x'), { withinMs: left }))).toBeLessThan(times.answerMs * 0.8)
  expect(await engine.ask(Buffer.from('x'), { withinMs: 0 })).toEqual(incomplete)
  isSlow = false
  expect(await engine.ask(Buffer.from('x'))).toEqual({ kind: 'nothing-found' })
  expect(fake.streams).toHaveLength(2)
})

it('files and archives are looked at by us within the time of one answer (42)', async () => {
  const { fake, engine } = await clamdThat(() => undefined)
  const databases = await lab.databases({ 'a.yar': 'rule A { strings: $a = "xyzzy" condition: $a }' })
  const limits = { timeMs: limitTable.timeMs.value / scale, patternTimeMs: limitTable.patternTimeMs.value / scale }
  const scanner = await createScanner(databases, { secondEngine: engine, limits })
  const members = Array.from({ length: 40 }, (_, index) => ({ name: `${index}`, data: Buffer.from(`xyzzy ${index}`) }))
  const took: number[] = []
  for (let file = 0; file < 20; file += 1) {
    const content = file === 0 ? makeZip(members) : Buffer.from(`xyzzy of file ${file}`)
    took.push(
      await takes(async () => {
        const report = await scanner.scanBuffer(content, 'x')
        expect(report.findings.map(({ threat }) => threat)).toContain('A')
        expect(report.coverage).toEqual({ kind: 'partial', reasons: ['second-engine'] })
      }),
    )
  }
  expect(Math.max(...took)).toBeLessThan(watchdogMs / scale)
  expect(fake.streams).toHaveLength(1)
})
