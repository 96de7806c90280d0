// Until when what was done can be undone.
import { expect, it } from 'vitest'
import { keptForever } from './quarantine-limits.ts'
import { undoUntil } from './undo.ts'

const quarantineId = '00000000-0000-4000-8000-000000000001' as never
const copy = { quarantineId, copiedAt: '2026-03-01T10:00:00.000Z', changedAt: '2026-03-05T10:00:00.000Z' }

it('is as long as the copy is kept, counted from when it was made', () => {
  const until = { kind: 'until', at: '2026-03-31T10:00:00.000Z' }
  for (const state of ['deleted', 'disinfected', 'quarantined'] as const)
    expect(undoUntil({ ...copy, state }, 30)).toEqual(until)
  const { copiedAt: _unknown, ...earlier } = copy
  expect(undoUntil({ ...earlier, state: 'deleted' }, 30)).toEqual({ kind: 'until', at: '2026-04-04T10:00:00.000Z' })
  expect(undoUntil({ ...copy, state: 'deleted' }, keptForever)).toEqual({ kind: 'always' })
})

it('is never where there is no copy, nothing was done, or a restart is waited for', () => {
  expect(undoUntil({ state: 'deleted', changedAt: copy.changedAt }, 30)).toEqual({ kind: 'never' })
  for (const state of ['found', 'skipped', 'restored', 'at-restart', 'gone', 'backup-failed'] as const)
    expect(undoUntil({ ...copy, state }, 30)).toEqual({ kind: 'never' })
})
