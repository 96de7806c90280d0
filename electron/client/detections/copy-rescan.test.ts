// When copies are looked at again: after new databases, not beside a scan, with pauses, to the end and once.
import { expect, it } from 'vitest'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { testInfo } from '../testing/fake-machine.ts'
import { manualClock, quietLog } from '../testing/memory-ports.ts'
import { type CopyRescanDeps, type CopyRescanned, createCopyRescan } from './copy-rescan.ts'

type Answer = { looked: number; left: number; cleared: QuarantineItem[] }
const item = { originalPath: { text: '/home/anna/tool.exe' } } as QuarantineItem

function setUp() {
  const clock = manualClock()
  const state = { version: 'v1', isScanning: false, takesMs: 0 }
  const answers: (Answer | 'peer-gone')[] = []
  const calls: number[] = []
  const done: CopyRescanned[] = []
  let changes = 0
  const engine = {
    usable: async () => undefined,
    info: () => ({ ...testInfo, databases: { ...testInfo.databases, version: state.version } }),
    call: async () => {
      calls.push(clock.monotonicMs())
      const answer = answers.shift() ?? { looked: 0, left: 0, cleared: [] }
      if (answer === 'peer-gone') throw new ProductError('peer-gone')
      clock.advance(state.takesMs)
      return answer
    },
  } as unknown as CopyRescanDeps['engine']
  const rescan = createCopyRescan({
    engine,
    clock,
    log: quietLog,
    isScanning: () => state.isScanning,
    onChanged: () => {
      changes += 1
    },
    onDone: (result) => done.push(result),
  })
  const pass = async (ms: number) => {
    clock.advance(ms)
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve))
  }
  return { rescan, state, answers, calls, done, pass, changes: () => changes }
}

const minute = 60_000

it('begins a while after new databases, goes on to the end, and reports once', async () => {
  const { rescan, state, answers, calls, done, pass, changes } = setUp()
  answers.push({ looked: 50, left: 30, cleared: [item] }, { looked: 30, left: 0, cleared: [] })
  rescan.check()
  rescan.check()
  await pass(minute - 1)
  expect(calls).toEqual([])
  await pass(1)
  await pass(minute)
  await pass(60 * minute)
  expect(calls).toHaveLength(2)
  expect(done).toEqual([{ looked: 80, cleared: [item] }])
  expect(changes()).toBe(2)
  rescan.check()
  await pass(60 * minute)
  expect(calls).toHaveLength(2)
  state.version = 'v2'
  rescan.check()
  await pass(minute)
  expect(calls).toHaveLength(3)
  // Nothing was there to look at: nothing to report.
  expect(done).toHaveLength(1)
})

it('waits while a scan runs', async () => {
  const { rescan, state, calls, pass } = setUp()
  state.isScanning = true
  rescan.check()
  await pass(minute)
  await pass(10 * minute)
  expect(calls).toEqual([])
  state.isScanning = false
  await pass(minute)
  expect(calls).toHaveLength(1)
})

it('rests as long as it works', async () => {
  const { rescan, state, answers, calls, pass } = setUp()
  state.takesMs = 3_000
  answers.push(
    { looked: 1, left: 2, cleared: [] },
    { looked: 1, left: 1, cleared: [] },
    { looked: 1, left: 0, cleared: [] },
  )
  rescan.check()
  await pass(minute)
  await pass(2_999)
  expect(calls).toHaveLength(1)
  await pass(1)
  expect(calls).toHaveLength(2)
})

it('tries again after a failure, and not at all after the end of the app', async () => {
  const { rescan, answers, calls, done, pass } = setUp()
  answers.push('peer-gone', { looked: 2, left: 0, cleared: [] })
  rescan.check()
  await pass(minute)
  await pass(10 * minute)
  expect(done).toEqual([{ looked: 2, cleared: [] }])
  const again = setUp()
  again.rescan.check()
  again.rescan.stop()
  await again.pass(10 * minute)
  expect(again.calls).toEqual([])
  expect(calls).toHaveLength(2)
})
