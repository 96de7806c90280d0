// Times, durations, sizes and counts as people read them.
import { describe, expect, it } from 'vitest'
import { formatBytes } from './bytes.ts'
import { formatCount, formatPercent, joinWords, plural } from './count.ts'
import { formatAge, formatClock, formatDuration, formatLeft, formatSpan } from './duration.ts'
import { uiLocale } from './locale.ts'
import { capitalise, formatMoment, formatMomentWithTime, formatTime, formatWhen } from './time.ts'

const gb = 'en-GB'
const now = new Date(2026, 10, 22, 14, 31, 20)
const at = (month: number, day: number, hour: number, minute: number, year = 2026) =>
  new Date(year, month - 1, day, hour, minute).toISOString()

describe('moments', () => {
  it('says now within a minute, also for a clock that is slightly ahead', () => {
    expect(formatWhen(new Date(now.getTime() - 59_000).toISOString(), now, gb)).toBe('now')
    expect(formatWhen(new Date(now.getTime() + 30_000).toISOString(), now, gb)).toBe('now')
  })

  it('counts minutes within an hour', () => {
    expect(formatWhen(at(11, 22, 14, 19), now, gb)).toBe('12 min ago')
    expect(formatWhen(at(11, 22, 13, 32), now, gb)).toBe('59 min ago')
  })

  it('names today and yesterday with the time, older days without', () => {
    expect(formatWhen(at(11, 22, 9, 5), now, gb)).toBe('today 09:05')
    expect(formatWhen(at(11, 21, 16, 20), now, gb)).toBe('yesterday 16:20')
    expect(formatWhen(at(11, 19, 10, 0), now, gb)).toBe('19 Nov')
    expect(formatWhen(at(11, 19, 10, 0, 2025), now, gb)).toBe('19 Nov 2025')
  })

  it('goes by the calendar, not by 24 hours', () => {
    const justAfterMidnight = new Date(2026, 10, 22, 0, 10)
    expect(formatMoment(at(11, 21, 23, 50), justAfterMidnight, gb)).toBe('yesterday 23:50')
  })

  it('adds the time to older days on demand', () => {
    expect(formatMomentWithTime(at(11, 18, 17, 40), now, gb)).toBe('18 Nov 17:40')
    expect(formatMomentWithTime(at(11, 22, 1, 7), now, gb)).toBe('today 01:07')
    expect(formatMomentWithTime(at(11, 29, 8, 0), now, gb)).toBe('29 Nov 08:00')
  })

  it('follows the locale for 12 and 24 hours', () => {
    expect(formatTime(at(11, 22, 8, 5), gb)).toBe('08:05')
    expect(formatTime(at(11, 22, 20, 5), 'en-US')).toMatch(/^8:05\sPM$/)
  })

  it('capitalises what stands alone', () => {
    expect(capitalise('today 14:31')).toBe('Today 14:31')
  })
})

describe('durations', () => {
  it('writes lengths', () => {
    expect(formatDuration(12_000)).toBe('12 s')
    expect(formatDuration(192_000)).toBe('3 min 12 s')
    expect(formatDuration(180_000)).toBe('3 min')
    expect(formatDuration(7_500_000)).toBe('2 h 5 min')
  })

  it('writes clocks', () => {
    expect(formatClock(761_000)).toBe('12:41')
    expect(formatClock(3_729_000)).toBe('1:02:09')
    expect(formatClock(-5)).toBe('0:00')
  })

  it('rounds the time left up', () => {
    expect(formatLeft(20.2 * 60_000)).toBe('About 21 min left')
    expect(formatLeft(30_000)).toBe('Less than 1 min left')
    expect(formatLeft(125 * 60_000)).toBe('About 2 h 5 min left')
  })

  it('writes ages', () => {
    expect(formatAge(60_000)).toBe('less than 1 h')
    expect(formatAge(2 * 3_600_000)).toBe('2 h')
    expect(formatAge(25 * 3_600_000)).toBe('1 day')
    expect(formatSpan(90_000)).toBe('1 min')
    expect(formatSpan(3 * 86_400_000)).toBe('3 days')
  })
})

describe('numbers', () => {
  it('groups digits and chooses the plural', () => {
    expect(formatCount(1_234_567, gb)).toBe('1,234,567')
    expect(plural(1, 'object', 'objects', gb)).toBe('1 object')
    expect(plural(0, 'object', 'objects', gb)).toBe('0 objects')
    expect(plural(2000, 'object', 'objects', gb)).toBe('2,000 objects')
  })

  it('never rounds a percent up to the end', () => {
    expect(formatPercent(99.9)).toBe('99 %')
    expect(formatPercent(100)).toBe('100 %')
  })

  it('joins words', () => {
    expect(joinWords([])).toBe('')
    expect(joinWords(['a'])).toBe('a')
    expect(joinWords(['a', 'b', 'c'])).toBe('a, b and c')
  })

  it('writes sizes with one decimal below 10', () => {
    expect(formatBytes(1, gb)).toBe('1 byte')
    expect(formatBytes(512, gb)).toBe('512 bytes')
    expect(formatBytes(4200, gb)).toBe('4.2 KB')
    expect(formatBytes(38_000_000, gb)).toBe('38 MB')
    expect(formatBytes(999_999, gb)).toBe('1 MB')
    expect(formatBytes(5e12, gb)).toBe('5,000 GB')
  })
})

describe('locale', () => {
  it('takes the first English one, else international English', () => {
    expect(uiLocale(['de-DE', 'en-US'])).toBe('en-US')
    expect(uiLocale(['sv-SE'])).toBe('en-GB')
  })
})
