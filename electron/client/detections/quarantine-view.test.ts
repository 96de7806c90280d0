// Looks at Quarantine whose answers come in another order than they were asked for.
import { expect, it } from 'vitest'
import { initialState } from '../state/initial-state.ts'
import { createTopics } from '../state/topics.ts'
import { manualClock, quietLog, testDevice } from '../testing/memory-ports.ts'
import { createQuarantineView, type QuarantineViewDeps } from './quarantine-view.ts'

it('the newest look counts, although an older one is answered last', async () => {
  const clock = manualClock()
  const topics = createTopics(initialState('', testDevice), clock)
  let copies = 2
  let release = () => {}
  const answers: Record<string, (input: { readonly only?: string }) => unknown> = {
    // The older look still asks which copies are false alarms.
    'quarantine.list': ({ only }) =>
      only === undefined
        ? { total: copies, items: [], summary: { ...sizes, count: copies, falseAlarms: copies - 1 } }
        : new Promise((resolve) => {
            release = () => resolve({ total: 1, items: [], summary: sizes })
          }),
    'quarantine.missing': () => ({ ids: [], conditions: [] }),
    'quarantine.keep': () => ({}),
  }
  const view = createQuarantineView({
    engine: { call: async (name: string, input: object) => answers[name]?.(input) },
    ledger: { entries: () => [], noteCopies: async () => undefined },
    settings: { get: () => ({ quarantine: { retentionDays: 30 } }) },
    topics,
    history: { add: () => undefined },
    clock,
    log: quietLog,
  } as unknown as QuarantineViewDeps)
  view.changed()
  clock.advance(1000)
  await new Promise((resolve) => setImmediate(resolve))
  copies = 1
  await view.keep([])
  release()
  await new Promise((resolve) => setImmediate(resolve))
  expect(topics.get('quarantine')).toMatchObject({ count: 1, falseAlarms: { count: 0 } })
})

const sizes = { sizeBytes: 0, storeBytes: 0, limitBytes: 0 }
