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
  const state = { restart: { value: { pending: [{}], request: null } } } as unknown as AppState
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
