// Periods are whole days of this computer, also where a day has 23 or 25 hours; what is chosen never ends before it begins.
import { expect, it } from 'vitest'
import { testsIn } from '#shared/testing/time-zone.ts'
import { ownDays, periodBounds, withDay } from './period.ts'

testsIn('Europe/Berlin')

const now = new Date('2026-03-30T10:00:00Z')

it('ends with today, and has no end of its own', () => {
  expect(periodBounds({ kind: 'all' }, now)).toEqual({})
  expect(periodBounds({ kind: 'today' }, now)).toEqual({ from: '2026-03-29T22:00:00.000Z' })
  // Summer time began on the 29th.
  expect(periodBounds({ kind: 'week' }, now)).toEqual({ from: '2026-03-23T23:00:00.000Z' })
  expect(periodBounds({ kind: 'month' }, now)).toEqual({ from: '2026-02-28T23:00:00.000Z' })
})

it('of chosen days has both of them whole; a day that is left empty is no bound', () => {
  expect(periodBounds({ kind: 'own', first: '2026-03-29', last: '2026-03-29' }, now)).toEqual({
    from: '2026-03-28T23:00:00.000Z',
    until: '2026-03-29T22:00:00.000Z',
  })
  expect(periodBounds({ kind: 'own', first: '', last: '' }, now)).toEqual({})
})

it('begins with the days that are shown, and one end takes the other along', () => {
  const days = ownDays({ kind: 'week' }, now)
  expect(days).toEqual({ kind: 'own', first: '2026-03-24', last: '2026-03-30' })
  expect(ownDays({ kind: 'all' }, now)).toMatchObject({ first: '', last: '2026-03-30' })
  expect(withDay(days, 'last', '2026-03-01')).toMatchObject({ first: '2026-03-01', last: '2026-03-01' })
  expect(withDay(days, 'first', '2026-04-02')).toMatchObject({ first: '2026-04-02', last: '2026-04-02' })
  expect(withDay(days, 'first', '')).toMatchObject({ first: '', last: '2026-03-30' })
})
