import { expect, it } from 'vitest'
import type { AppState } from '#shared/domain/app-state.ts'
import { manualClock, testDevice } from '../testing/memory-ports.ts'
import { initialState } from './initial-state.ts'
import { createTopics } from './topics.ts'

function setUp() {
  const clock = manualClock()
  const topics = createTopics(initialState('http://localhost:1', testDevice), clock)
  const told: Partial<AppState>[] = []
  topics.onChange((changed) => told.push(changed))
  return { clock, topics, told }
}

it('raises the revision with every change and leaves it when nothing changed', () => {
  const { topics } = setUp()
  topics.update('restart', (value) => value)
  expect(topics.snapshot().restart.rev).toBe(1)
  topics.update('restart', () => ({ pending: [], request: null }))
  expect(topics.snapshot().restart.rev).toBe(2)
})

it('bundles what changes at once into one message', async () => {
  const { topics, told } = setUp()
  topics.update('restart', () => ({ pending: [], request: null }))
  topics.update('history', () => ({ recent: [] }))
  await Promise.resolve()
  expect(told.map((changed) => Object.keys(changed))).toEqual([['restart', 'history']])
})

it('tells lazy changes at most five times a second, the last one always', async () => {
  const { topics, told, clock } = setUp()
  const progress = (count: number) => topics.update('quarantine', (topic) => ({ ...topic, count }), { lazy: true })
  for (let i = 1; i <= 100; i += 1) {
    progress(i)
    await Promise.resolve()
    clock.advance(10)
  }
  clock.advance(200)
  expect(told.length).toBeLessThanOrEqual(6)
  expect(told.at(-1)?.quarantine?.value.count).toBe(100)
})
