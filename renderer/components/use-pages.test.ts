// Pages of a list whose answers come in another order than they were asked for.
import { beforeEach, expect, it, vi } from 'vitest'
import { type PagesOptions, usePages } from './use-pages.ts'

/** What React keeps for one component, in the order of its hooks; effects run after drawing when their inputs changed. */
const slots: unknown[] = []
let at = 0
let effects: (() => void)[] = []

vi.mock('react', () => {
  const slot = <T>(make: () => T): { value: T } => {
    const index = at++
    slots[index] ??= { value: make() }
    return slots[index] as { value: T }
  }
  const changed = (inputs: readonly unknown[]) => {
    const before = slot<readonly unknown[]>(() => [])
    const isSame =
      before.value.length === inputs.length && inputs.every((input, n) => Object.is(input, before.value[n]))
    before.value = inputs
    return !isSame
  }
  return {
    useState: <T>(initial: T) => {
      const state = slot(() => initial)
      const set = (next: T | ((value: T) => T)) => {
        state.value = next instanceof Function ? next(state.value) : next
      }
      return [state.value, set]
    },
    useRef: <T>(initial: T) => slot(() => ({ current: initial })).value,
    useCallback: <T>(run: T, inputs: readonly unknown[]) => {
      const isNew = changed(inputs)
      const kept = slot(() => run)
      if (isNew) kept.value = run
      return kept.value
    },
    useEffect: (run: () => void, inputs: readonly unknown[]) => {
      if (changed(inputs)) effects.push(run)
    },
  }
})

interface Asked {
  answer(rows: readonly string[]): void
  fail(): void
}
let asked: Asked[] = []
const fetchRows: PagesOptions<string>['fetch'] = () =>
  new Promise((resolve, reject) =>
    asked.push({ answer: (rows) => resolve({ total: rows.length, rows }), fail: () => reject(new Error('late')) }),
  )

beforeEach(() => {
  slots.length = 0
  effects = []
  asked = []
})

/** Draws the list at a revision, and lets what follows from it happen. */
async function draw(revision: number) {
  at = 0
  // biome-ignore lint/correctness/useHookAtTopLevel: the hooks above run without a component
  const pages = usePages({ query: 'all', revision, fetch: fetchRows })
  for (const run of effects.splice(0)) run()
  await new Promise((resolve) => setImmediate(resolve))
  return pages
}

it('an older answer about a page does not replace the newer one', async () => {
  await draw(1)
  await draw(2)
  asked[1]?.answer(['deleted'])
  await draw(2)
  asked[0]?.answer(['found'])
  await draw(2)
  expect((await draw(2)).page(0)).toEqual(['deleted'])
})

it('a failure of an older request says nothing about the newer one', async () => {
  await draw(1)
  await draw(2)
  asked[1]?.answer(['deleted'])
  asked[0]?.fail()
  await draw(2)
  const { page, failure } = await draw(2)
  expect([page(0), failure]).toEqual([['deleted'], null])
  expect(asked).toHaveLength(2)
})
