// Who hangs and who does not: by signs of life, in time that the process really ran.
import { beforeEach, expect, it } from 'vitest'
import { Watchdog, watchdogMsFor } from './watchdog.ts'
import { controlCells, reading } from './worker-protocol.ts'
import { WorkerSigns } from './worker-signs.ts'

const limitMs = 10_000
let now: number
let signs: WorkerSigns[]
let watchdog: Watchdog

beforeEach(() => {
  now = 0
  const controls = [0, 1].map(() => new Int32Array(new SharedArrayBuffer(controlCells * 4)))
  signs = controls.map((control) => new WorkerSigns(control))
  watchdog = new Watchdog(controls, () => now)
})

/** Looks twice a second for so long; the thread that hangs. */
function wait(ms: number, meanwhile: () => void = () => undefined): number | null {
  for (const end = now + ms; now < end; ) {
    now += 500
    meanwhile()
    const index = watchdog.look(limitMs)
    if (index !== null) return index
  }
  return null
}

it('a thread that reads one thing for too long hangs, an idle one does not', () => {
  signs[1]?.begin(reading.batch)
  expect(wait(limitMs - 500)).toBeNull()
  expect(wait(1000)).toBe(1)
})

it('every sign of life begins the time anew, also that something else is read', () => {
  const thread = signs[0]
  const before = thread?.begin(reading.batch) ?? reading.nothing
  expect(wait(5 * limitMs, () => thread?.alive())).toBeNull()
  const batch = thread?.begin(reading.object) ?? reading.nothing
  expect(wait(limitMs - 1000)).toBeNull()
  thread?.end(batch)
  expect(wait(limitMs - 1000)).toBeNull()
  thread?.end(before)
  expect(wait(2 * limitMs)).toBeNull()
})

it('time in which the machine slept, the process was stopped or a clock was set is not counted', () => {
  signs[0]?.begin(reading.batch)
  expect(wait(2000)).toBeNull()
  now += 3_600_000
  expect(wait(2000)).toBeNull()
  expect(wait(limitMs)).toBe(0)
})

it('the time goes by the limits: who keeps to the largest ones is not killed', () => {
  const usual = watchdogMsFor({ limits: {}, secondEngine: 'off' })
  expect(usual).toBe(120_000)
  expect(watchdogMsFor({ limits: { timeMs: 1000, patternTimeMs: 1000 }, secondEngine: 'off' })).toBe(usual)
  const longest = { timeMs: 100_000, patternTimeMs: 60_000 }
  expect(watchdogMsFor({ limits: longest, secondEngine: 'off' })).toBeGreaterThan(160_000)
  const withSecond = watchdogMsFor({ limits: longest, secondEngine: 'when-running' })
  expect(withSecond).toBeGreaterThanOrEqual(watchdogMsFor({ limits: longest, secondEngine: 'off' }) + 30_000)
})
