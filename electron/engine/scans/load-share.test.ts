// Busy and idle time of a scan thread: what a ceiling costs is paid, in pieces, whatever happens in between.
import { expect, it } from 'vitest'
import { LoadShare } from './load-share.ts'

it('owes as much rest as the share asks for, until it is rested', () => {
  const share = new LoadShare(() => 250)
  share.worked(100)
  expect(share.owedMs()).toBeCloseTo(300)
  share.rested(100)
  expect(share.owedMs()).toBeCloseTo(200)
  share.rested(500)
  expect(share.owedMs()).toBe(0)
})

it('owes nothing without a ceiling, and forgets what was owed when it is lifted', () => {
  let duty = 500
  const share = new LoadShare(() => duty)
  share.worked(100)
  duty = 1000
  expect(share.owedMs()).toBe(0)
  share.worked(10)
  duty = 500
  expect(share.owedMs()).toBe(0)
})

it('a long file is paid for, but not for minutes', () => {
  const share = new LoadShare(() => 100)
  share.worked(2000)
  expect(share.owedMs()).toBeCloseTo(18_000)
  share.worked(60_000)
  expect(share.owedMs()).toBeCloseTo(30_000)
})
