// An engine that runs and cannot be used, because what an earlier run left open cannot be settled.
import { afterEach, expect, it } from 'vitest'
import type { Client } from '../client.ts'
import type { Clock } from '../ports.ts'
import { systemClock } from '../state/clock.ts'
import { eventually } from '../testing/eventually.ts'
import { fakeMachine } from '../testing/fake-machine.ts'
import { newWorld, type World } from '../testing/harness.ts'

let world: World
afterEach(() => world.remove())

const problems = (client: Client) => client.state().protection.value.problems.map(({ kind }) => kind)

/** The real clock, but for the seconds between two tries. */
const impatient: Clock = {
  ...systemClock,
  after: (ms, run) => systemClock.after([1_000, 2_000, 4_000, 8_000].includes(ms) ? 20 : ms, run),
}

it('is told as a problem after a few tries, tried on, and no problem any more when it can be used', async () => {
  const machine = fakeMachine()
  const failures = Array.from({ length: 100 }, () => 'io-error' as const)
  machine.failures.set('treat.recover', failures)
  world = newWorld(machine)
  const { client } = await world.boot({ ports: { clock: impatient } })
  await eventually(() => problems(client).includes('engine-failed'), 'told')
  expect(client.state().protection.value.engine).toBe('failed')
  failures.length = 0
  await eventually(() => !problems(client).includes('engine-failed'), 'over', 20_000)
  expect(client.state().protection.value.engine).toBe('ready')
})

it('is not told for a single failure', async () => {
  const machine = fakeMachine()
  const failures = ['io-error' as const]
  machine.failures.set('treat.recover', failures)
  world = newWorld(machine)
  const { client } = await world.boot({ ports: { clock: impatient } })
  await eventually(() => failures.length === 0 && client.state().protection.value.engine === 'ready', 'ready')
  await client.handlers['scan.start']({ type: 'quick' }, undefined, new AbortController().signal)
  expect(problems(client)).not.toContain('engine-failed')
})
