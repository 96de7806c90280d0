// Files that wait to be checked while the engine dies over one of them: that one is given up, the others are checked.
import { beforeEach, expect, it } from 'vitest'
import type { FilePath } from '#shared/domain/file-path.ts'
import { ProductError } from '#shared/errors.ts'
import { type ChangeQueue, createChangeQueue } from './change-queue.ts'

let now: number
let timers: { at: number; run: () => void }[]
let queue: ChangeQueue
let checks: string[]
let givenUp: string[]
let gone: string[]
let versions: Map<string, number>
/** Checks that are under way and end when the test says so. */
let underWay: { name: string; end: (error?: Error) => void }[]
/** What becomes of a check at once; undefined: it stays under way. */
let answer: (name: string) => 'checked' | 'peer-gone' | 'engine-unavailable' | undefined

beforeEach(() => {
  now = 0
  timers = []
  checks = []
  givenUp = []
  gone = []
  versions = new Map()
  underWay = []
  const clock = {
    now: () => now,
    monotonicMs: () => now,
    after: (ms: number, run: () => void) => {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return { cancel: () => timers.splice(timers.indexOf(timer), 1) }
    },
  }
  queue = createChangeQueue({
    clock,
    look: async (path) => {
      const version = versions.get(path.text)
      return version === undefined ? null : { path, version: `${version}` }
    },
    check: ({ text }) => {
      checks.push(text)
      const said = answer(text)
      if (said === 'checked') return Promise.resolve()
      if (said !== undefined) return Promise.reject(new ProductError(said))
      return new Promise((resolve, reject) => {
        underWay.push({ name: text, end: (error) => (error ? reject(error) : resolve()) })
      })
    },
    onGivenUp: ({ text }) => givenUp.push(text),
    onGone: ({ text }) => gone.push(text),
  })
})

const put = (name: string, version = 1): FilePath => {
  versions.set(name, version)
  queue.add({ text: name })
  return { text: name }
}

async function pass(ms: number): Promise<void> {
  for (const end = now + ms; now < end; ) {
    now += 25
    for (const timer of timers.filter(({ at }) => at <= now)) {
      timers.splice(timers.indexOf(timer), 1)
      timer.run()
    }
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
  }
}

it('a file over which the engine dies again and again is given up, alone, and its other contents are checked', async () => {
  answer = (name) => (name === 'killer' ? 'peer-gone' : 'checked')
  put('killer')
  put('other')
  await pass(60_000)
  expect(checks.filter((name) => name === 'other')).toHaveLength(1)
  expect(checks.filter((name) => name === 'killer')).toHaveLength(5)
  expect([givenUp, queue.length]).toEqual([['killer'], 0])
  put('killer')
  await pass(60_000)
  expect(checks.filter((name) => name === 'killer')).toHaveLength(5)
  answer = () => 'checked'
  put('killer', 2)
  await pass(1000)
  expect(checks.filter((name) => name === 'killer')).toHaveLength(6)
})

it('files that only were under way when the engine died are never given up', async () => {
  const names = Array.from({ length: 6 }, (_value, index) => `file-${index}`)
  answer = () => undefined
  for (const name of names) put(name)
  for (let death = 0; death < 12 && queue.length > 0; death++) {
    await pass(6000)
    const dead = underWay.splice(0)
    // The engine dies of the first of them as long as that is among them; alone, the others are checked.
    const isDeath = dead.some(({ name }) => name === 'file-0')
    for (const { end } of dead) end(isDeath ? new ProductError('peer-gone') : undefined)
  }
  await pass(6000)
  for (const { end } of underWay.splice(0)) end()
  await pass(6000)
  expect(givenUp).toEqual(['file-0'])
  expect(queue.length).toBe(0)
})

it('that there is no engine is no death', async () => {
  answer = () => 'engine-unavailable'
  put('file')
  await pass(120_000)
  expect(givenUp).toEqual([])
  answer = () => 'checked'
  await pass(6000)
  expect(queue.length).toBe(0)
})

it('what is tried again holds up nothing, and nothing is tried after the end', async () => {
  answer = (name) => (name === 'again' ? 'engine-unavailable' : 'checked')
  put('again')
  await pass(500)
  put('other')
  await pass(300)
  expect(checks).toEqual(['again', 'other'])
  answer = () => undefined
  await pass(6000)
  queue.clear()
  for (const { end } of underWay.splice(0)) end(new ProductError('engine-unavailable'))
  await pass(60_000)
  expect([checks.length, queue.length]).toEqual([3, 0])
})

it('a file that is gone is told of', async () => {
  answer = () => 'checked'
  put('file')
  versions.delete('file')
  await pass(1000)
  expect([gone, checks]).toEqual([['file'], []])
})
