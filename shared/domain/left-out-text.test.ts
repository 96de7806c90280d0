// What a scan left out is always told, and told apart: not scanned, scanned in part, left out by name.
import { describe, expect, it } from 'vitest'
import { excludedText, gapReasonsText, gapText, leftOut, leftOutOf, leftOutParts } from './left-out-text.ts'
import { noCounters } from './scan.ts'
import { NotScannedReason } from './verdict.ts'

describe('what a scan left out', () => {
  it('is told apart: nothing of it looked at, a part, a name that is excluded', () => {
    const numbers = leftOut({ ...noCounters, notScanned: 1_205, excluded: 1 }, 5)
    expect(leftOutParts(numbers)).toEqual(['1,200 not scanned', '5 scanned in part', '1 match left out'])
    expect(leftOutParts(leftOut({ ...noCounters, notScanned: 2 }, 2))).toEqual(['2 scanned in part'])
    expect(leftOutParts(leftOut(noCounters, 0))).toEqual([])
  })

  it('never counts below zero while the list is ahead of the counters', () => {
    expect(leftOut({ ...noCounters, notScanned: 1 }, 3)).toMatchObject({ notAtAll: 0, inPart: 3 })
  })

  it('comes from the reasons of a scan that ended', () => {
    const gapReasons = [
      { reason: 'encrypted', count: 3, partial: 1 },
      { reason: 'too-big', count: 2, partial: 2 },
    ] as const
    const scan = { counters: { ...noCounters, notScanned: 5 }, gapReasons: [...gapReasons] }
    expect(leftOutOf(scan)).toEqual({ notAtAll: 2, inPart: 3, excluded: 0 })
    // Records of earlier versions have no reasons.
    expect(leftOutOf({ ...scan, gapReasons: [] })).toEqual({ notAtAll: 5, inPart: 0, excluded: 0 })
  })

  it.each(NotScannedReason.options)('%s has words in both forms, never "clean"', (reason) => {
    expect(gapText({ reason, partial: false })).toMatch(/^Not scanned: [a-z]/)
    expect(gapText({ reason, partial: true })).toMatch(/^Scanned in part: [a-z]/)
    expect(gapText({ reason, partial: true })).not.toMatch(/clean|safe|\.$/i)
  })

  it('says who left it out where that was not a scan', () => {
    expect(gapText({ reason: 'not-opened', partial: true, by: 'file-protection' })).toBe(
      'File protection · Scanned in part: archive, opened by scans only',
    )
  })

  it('sums up what is not named', () => {
    const reasons = [
      { reason: 'encrypted', count: 3000 },
      { reason: 'too-big', count: 20 },
      { reason: 'bomb', count: 2 },
      { reason: 'corrupt', count: 1 },
      { reason: 'split', count: 1 },
    ] as const
    expect(gapReasonsText(reasons)).toBe(
      'password-protected (3,000), too big (20), unpacks to too much data (2), other reasons (2)',
    )
    expect(gapReasonsText([])).toBe('')
  })

  it('says why matches are missing', () => {
    expect(excludedText(1)).toBe('1 match left out because its name is excluded')
    expect(excludedText(1200)).toBe('1,200 matches left out because their names are excluded')
  })
})
