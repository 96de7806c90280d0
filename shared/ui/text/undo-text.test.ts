import { expect, it } from 'vitest'
import { keptForever } from '#shared/domain/quarantine-limits.ts'
import { restoreFailureText, undoPeriod, undoSentence, undoText } from './undo-text.ts'

const deleted = {
  state: 'deleted',
  quarantineId: '00000000-0000-4000-8000-000000000001' as never,
  copiedAt: '2026-03-01T12:00:00.000Z',
  changedAt: '2026-03-01T12:00:00.000Z',
} as const
const now = new Date('2026-03-02T12:00:00Z')

it('says until which day something can be undone, and for how long in general', () => {
  expect(undoText(deleted, 30, now)).toMatch(/^Undo until .*31/)
  expect(undoText(deleted, keptForever, now)).toBe('Can be undone')
  // A device that was away has not told yet whether its copies are gone.
  const later = new Date('2026-04-05T12:00:00Z')
  expect(undoText(deleted, 30, later)).toBe('May have run out')
  expect(undoSentence(deleted, 30, later)).toBe('The time to undo it may have run out')
  expect(undoSentence(deleted, 30, now)).toMatch(/^Can be undone until .*31/)
  expect(undoSentence({ ...deleted, state: 'restored' }, 30, now)).toBeUndefined()
  expect(undoText({ ...deleted, state: 'quarantined' }, keptForever, now)).toBe('A copy is kept')
  expect(undoText({ ...deleted, state: 'restored' }, 30, now)).toBeUndefined()
  expect([undoPeriod(30), undoPeriod(1), undoPeriod(keptForever)]).toEqual([
    'for 30 days',
    'for 1 day',
    'as long as its copy is kept',
  ])
})

it('says why a restore did not work, and never takes the reason of something else for that', () => {
  expect(restoreFailureText({ state: 'deleted', reason: 'still-detected' })).toBe('Not restored: still detected')
  expect(restoreFailureText({ state: 'deleted', reason: undefined })).toBeUndefined()
  expect(restoreFailureText({ state: 'failed', reason: 'disk-full' })).toBeUndefined()
})
