// Which size of the area the progress of a scan goes by: the one of the last scan, the counted one, the found one.
import { expect, it } from 'vitest'
import { noCounters } from '#shared/domain/scan.ts'
import type { WalkEntry } from '../walk/walk.ts'
import { type ProgressOptions, ScanProgressMeter } from './scan-progress.ts'

interface Feed {
  seen: { files: number; bytes: number }
  walked: boolean
  isAhead: () => boolean
}

const done = (files: number) => ({ ...noCounters, files })
const newFeed = (): Feed => ({ seen: { files: 0, bytes: 0 }, walked: false, isAhead: () => true })

function* walk(files: number): Generator<WalkEntry> {
  for (let index = 0; index < files; index++) {
    yield { kind: 'file', path: Buffer.from(`/${index}`), size: 0, dev: 1n, ino: BigInt(index), nlink: 1 }
  }
}

function meterOf(feed: Feed, options: Partial<ProgressOptions> = {}): ScanProgressMeter {
  return new ScanProgressMeter({
    feed,
    walk: () => walk(10_000),
    expectedFiles: 0,
    activeMs: 0,
    isRunning: () => true,
    isEnded: () => false,
    duty: () => 1000,
    log: (line) => expect.fail(line),
    ...options,
  })
}

it('the last scan of the area is believed until more is found than it had', () => {
  const feed = newFeed()
  const meter = meterOf(feed, { expectedFiles: 4000 })
  feed.seen.files = 2500
  expect(meter.now(done(1000)).percent).toBe(25)
  feed.seen.files = 4000
  expect(meter.now(done(3000)).percent).toBe(25)
  feed.seen.files = 10_000
  feed.walked = true
  expect(meter.now(done(9000)).percent).toBe(90)
})

it('an area that has grown tenfold since the last scan never stands at 99 % while there is much to do', async () => {
  const feed = newFeed()
  const meter = meterOf(feed, { expectedFiles: 1000 })
  const measured = meter.measure()
  const shown: number[] = []
  const step = (files: number) => {
    feed.seen.files = Math.min(10_000, files + 2000)
    shown.push(meter.now(done(files)).percent ?? 0)
  }
  step(0)
  await measured
  for (let files = 100; files < 10_000; files += 100) step(files)
  expect(shown).toEqual([...shown].sort((a, b) => a - b))
  expect(shown.filter((percent) => percent > 95).length).toBeLessThan(10)
  expect(shown.at(-1)).toBe(99)
})

it('the area is counted only while the walk of the scan waits, and not after its end', async () => {
  const feed = newFeed()
  let slices = 0
  feed.isAhead = () => {
    slices += 1
    return slices > 3
  }
  let walked = 0
  const meter = meterOf(feed, {
    walk: function* () {
      walked += 1
      yield* walk(100)
    },
  })
  await meter.measure()
  expect([walked, slices > 3, meter.now(done(50)).percent]).toEqual([1, true, 50])
  feed.walked = true
  await meterOf(feed, { walk: () => expect.fail('counted') }).measure()
})
