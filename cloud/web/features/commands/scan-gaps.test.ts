// What a remote scan left out, as the portal lists it.
import { expect, it } from 'vitest'
import { gapLines, unlistedCount } from './scan-gaps.ts'

const reasons = [
  { reason: 'encrypted', count: 3, partial: 0 },
  { reason: 'too-big', count: 12, partial: 10 },
] as const

it('tells what was not scanned from what was scanned in part, most first', () => {
  expect(gapLines(reasons)).toEqual([
    { text: 'Scanned in part: too big', count: 10 },
    { text: 'Not scanned: password-protected', count: 3 },
    { text: 'Not scanned: too big', count: 2 },
  ])
})

it('counts what is listed on the device only', () => {
  const object = { path: '/a', member: '', reason: 'encrypted', partial: false } as const
  expect(unlistedCount({ reasons: [...reasons], objects: [object] })).toBe(14)
  expect(unlistedCount({ reasons: [], objects: [object] })).toBe(0)
})
