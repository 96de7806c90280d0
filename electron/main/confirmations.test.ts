import { expect, it } from 'vitest'
import type { AppState } from '#shared/domain/app-state.ts'
import { appContract } from '#shared/ipc/app-contract.ts'
import { questionFor } from './confirmations.ts'

it('there are words for every call that the contract marks, and for no other', () => {
  const marked = Object.entries(appContract.calls).filter(
    ([, call]) => 'confirm' in call.options && call.options.confirm,
  )
  expect(marked.map(([name]) => name).sort()).toEqual([
    'account.disconnect',
    'detections.deleteWithoutCopy',
    'detections.restore',
    'quarantine.delete',
    'quarantine.restore',
    'restart.now',
  ])
})

it('asks by count, and warns before something still detected comes back', () => {
  const lists = { detections: { value: { recent: [] } }, quarantine: { value: { newest: [] } } }
  const state = { restart: { value: { pending: [{}], request: null } }, ...lists } as unknown as AppState
  const id = crypto.randomUUID() as never
  expect(questionFor('quarantine.delete', { ids: [id] }, state).title).toBe('Delete 1 object for good?')
  expect(questionFor('quarantine.delete', { ids: Array(1200).fill(id) }, state).title).toBe(
    'Delete 1,200 objects for good?',
  )
  const place = { targetFolder: '/home/anna', newName: 'a (restored).exe', makeFolder: false }
  const again = questionFor('quarantine.restore', { id, ...place, exclude: true }, state)
  expect(again.detail).toContain('/home/anna as a (restored).exe')
  expect(again.detail).toContain('still detect')
  const undo = questionFor('detections.restore', { ids: [id, id], exclude: true }, state)
  expect(undo.title).toBe('Restore 2 objects and add them to the exclusions?')
  expect(undo.detail).toContain('no scan reports them any more')
  const restart = questionFor('restart.now', {}, state)
  expect(restart.detail).toBe(
    'Save your work first: all programs will close. Disinfection is finished after the restart.',
  )
  for (const question of [again, restart, questionFor('account.disconnect', {}, state)])
    expect(question.verb).not.toMatch(/^(OK|Yes)$/)
})

it('says before an object comes back that what starts it comes back too', () => {
  const [id, copy, entry] = ['1', '2', '3'] as unknown as readonly [never, never, never]
  const stateWith = (autostartEntries?: number) =>
    ({
      detections: { value: { recent: [{ id, quarantineId: copy, autostartEntries }] } },
      quarantine: { value: { newest: [{ id: entry, copyOf: 'entry' }] } },
    }) as unknown as AppState
  const place = { targetFolder: null, newName: null, makeFolder: false, exclude: false }
  const asked = (of: never, state: AppState) => questionFor('quarantine.restore', { id: of, ...place }, state).detail
  const undone = (state: AppState, ids = [id]) =>
    questionFor('detections.restore', { ids, exclude: false }, state).detail
  expect(asked(copy, stateWith(1))).toContain('Its autostart entry comes back too: it may start by itself')
  expect(undone(stateWith(2))).toContain('Its autostart entries come back too')
  expect(asked(copy, stateWith())).not.toContain('autostart')
  expect(asked(entry, stateWith())).not.toContain('autostart')
  expect(asked(id, stateWith())).toContain('If autostart entries were removed with it, they come back too.')
  expect(undone(stateWith(), [id, copy])).toContain('Autostart entries that were removed with them come back')
  const elsewhere = { ...place, targetFolder: '/tmp' }
  expect(questionFor('quarantine.restore', { id: copy, ...elsewhere }, stateWith(1)).detail).not.toContain('autostart')
})
