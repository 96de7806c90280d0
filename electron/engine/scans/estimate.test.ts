// Percent and time left: honest, monotone, silent rather than wrong.
import { expect, it } from 'vitest'
import { noCounters } from '#shared/domain/scan.ts'
import { createEstimator } from './estimate.ts'

const done = (files: number, bytes = 0) => ({ ...noCounters, files, bytes })

it('says nothing while the size of the area is unknown', () => {
  expect(createEstimator()(null, done(50), 10_000)).toEqual({ percent: null, leftMs: null })
})

it('goes by files and bytes, and never claims the end', () => {
  const estimate = createEstimator()
  const size = { files: 10, bytes: 10 * 64 * 1024 }
  expect(estimate(size, done(5, 5 * 64 * 1024), 1000)).toEqual({ percent: 50, leftMs: null })
  expect(estimate(size, done(5, 5 * 64 * 1024), 10_000)).toEqual({ percent: 50, leftMs: 10_000 })
  expect(estimate(size, done(500, 1e12), 10_000).percent).toBe(99)
})

it('never goes back, also when the area turns out to be larger', () => {
  const estimate = createEstimator()
  expect(estimate({ files: 10, bytes: null }, done(8), 0).percent).toBe(80)
  expect(estimate({ files: 1000, bytes: 1e9 }, done(9), 0).percent).toBe(80)
  expect(estimate({ files: 0, bytes: 0 }, done(9), 0).percent).toBe(80)
  expect(estimate(null, done(10), 10_000)).toEqual({ percent: 80, leftMs: null })
})

it('goes on from where it stands when the area has grown, and does not stand still before the end', () => {
  const estimate = createEstimator()
  const grown = { files: 1000, bytes: null }
  const shares = [estimate({ files: 100, bytes: null }, done(80), 5000).percent ?? 0]
  for (let files = 100; files <= 1000; files += 100) shares.push(estimate(grown, done(files), 10_000).percent ?? 0)
  const steps = shares.slice(2).map((share, index) => share - (shares[index + 1] ?? 0))
  expect(shares.at(-1)).toBe(99)
  expect(Math.max(...steps) - Math.min(...steps)).toBeLessThan(1.5)
  // The time left is that of the work, not of what is shown.
  expect(createEstimator()(grown, done(250), 10_000).leftMs).toBe(30_000)
})

it('goes forward at once when the area has shrunk', () => {
  const estimate = createEstimator()
  expect(estimate({ files: 1000, bytes: null }, done(50), 0).percent).toBe(5)
  expect(estimate({ files: 100, bytes: null }, done(50), 0).percent).toBe(50)
})
