// The pauses between restarts of an engine that crashes.
import { expect, it } from 'vitest'
import { createRestartPlan } from './restart-plan.ts'

it('restarts at once, then after 1, 5 and 30 seconds', () => {
  let now = 0
  const plan = createRestartPlan(() => now)
  const pauses = [0, 20_000, 20_000, 50_000].map((passed) => {
    now += passed
    return plan.afterCrash()
  })
  expect(pauses.map(({ delayMs }) => delayMs)).toEqual([0, 1000, 5000, 30_000])
  expect(pauses.some(({ givenUp }) => givenUp)).toBe(false)
})

it('gives up the quick retries after five crashes in a minute, and goes on once a minute', () => {
  let now = 0
  const plan = createRestartPlan(() => now)
  const crash = (passed: number) => {
    now += passed
    return plan.afterCrash()
  }
  for (let count = 0; count < 4; count++) expect(crash(1000).givenUp).toBe(false)
  expect(crash(1000)).toEqual({ delayMs: 60_000, givenUp: true })
  expect(crash(60_000)).toEqual({ delayMs: 60_000, givenUp: true })
})

it('is immediate again after a quiet minute', () => {
  let now = 0
  const plan = createRestartPlan(() => now)
  plan.afterCrash()
  plan.afterCrash()
  now += 61_000
  expect(plan.afterCrash()).toEqual({ delayMs: 0, givenUp: false })
})
