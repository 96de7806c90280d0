// The ceiling of a scan, against machines that are made up second by second.
import { expect, it } from 'vitest'
import { createLoadGovernor, type LoadGovernor } from './load-governor.ts'

const stepMs = 100

/** Lets a governor see what `msUsed` uses in each step of 100 ms; percent of all cores used over the last half. */
function shareUnder(
  [ceiling, cores, workers]: readonly [number, number, number],
  msUsed: (governor: LoadGovernor, step: number) => number,
): number {
  const clock = { cpuMs: 0, now: 0 }
  const governor = createLoadGovernor(ceiling, cores, workers, { cpuMs: () => clock.cpuMs, now: () => clock.now })
  const steps = 1200
  let half = 0
  for (let at = 0; at < steps; at++) {
    clock.cpuMs += msUsed(governor, at)
    clock.now += stepMs
    governor.correct()
    if (at === steps / 2) half = clock.cpuMs
  }
  return (100 * (clock.cpuMs - half)) / ((steps / 2) * stepMs) / cores
}

/** Threads that work on one content for a second and rest for what they owe by the share of the moment. */
function threads(count: number, contentMs: number) {
  const states = Array.from({ length: count }, () => ({ left: contentMs, unpaid: 0 }))
  return (governor: LoadGovernor): number => {
    let used = 0
    for (const state of states) {
      const duty = governor.duty()
      const idlePerBusy = (1000 - duty) / duty
      if (state.left > 0) {
        used += stepMs
        state.left -= stepMs
        state.unpaid += stepMs
      } else state.unpaid = Math.max(0, state.unpaid - stepMs / Math.max(idlePerBusy, 1e-9))
      if (state.left <= 0 && state.unpaid * idlePerBusy < 1) state.left = contentMs
    }
    return used
  }
}

it.each([50, 20])('keeps to %i percent while large contents keep threads busy for a second each', (ceiling) => {
  const use = threads(2, 1000)
  const share = shareUnder([ceiling, 2, 2], (governor) => use(governor))
  expect(share).toBeLessThan(ceiling * 1.03)
  expect(share).toBeGreaterThan(ceiling * 0.75)
})

it('takes from the threads what the rest of the process uses', () => {
  const use = threads(2, 100)
  const share = shareUnder([50, 2, 2], (governor) => use(governor) + 20)
  expect(share).toBeLessThan(51.5)
  expect(share).toBeGreaterThan(42)
})

it('gives threads that wait for a slow disk more time', () => {
  const use = threads(2, 100)
  // Of a busy thread's time a third is work.
  const share = shareUnder([30, 2, 2], (governor) => use(governor) / 3)
  expect(share).toBeGreaterThan(22)
  expect(share).toBeLessThan(31)
})

it('without a ceiling threads never rest', () => {
  const governor = createLoadGovernor(100, 2, 2, { cpuMs: () => 1e9, now: () => 1e6 })
  expect(governor.correct()).toBe(false)
  expect(governor.duty()).toBe(1000)
})
