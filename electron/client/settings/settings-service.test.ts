// Two changes at the same time, with a store that takes its time.
import { expect, it } from 'vitest'
import { initialState } from '../state/initial-state.ts'
import { createTopics } from '../state/topics.ts'
import { manualClock, quietLog, testDevice } from '../testing/memory-ports.ts'
import { createSettingsService } from './settings-service.ts'

it('a change that is asked for while another one is saved takes nothing of it back', async () => {
  const topics = createTopics(initialState('', testDevice), manualClock())
  const saved: unknown[] = []
  const port = {
    load: () => undefined,
    save: async (value: unknown) => {
      await new Promise((resolve) => setImmediate(resolve))
      saved.push(value)
    },
  }
  const settings = createSettingsService({ port, topics, log: quietLog, onDamaged: () => undefined })
  const problem = { key: 'p', kind: 'never-scanned', grade: 'important', fix: null, values: {}, count: 0 } as const
  await Promise.all([
    settings.change({ theme: 'dark' }),
    settings.ignoreProblem('p', true, [{ ...problem, since: '2026-03-01T10:00:00Z', ignored: false }]),
    settings.change({ notifyOnRemoteScan: true }),
  ])
  const all = { theme: 'dark', ignoredProblems: ['p'], notifyOnRemoteScan: true }
  expect(settings.get()).toMatchObject(all)
  expect(saved.at(-1)).toMatchObject({ settings: all })
})
