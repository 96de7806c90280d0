import { expect, it } from 'vitest'
import type { AppState } from '#shared/domain/app-state.ts'
import { applyChange } from './mirror.ts'

const state = { scan: { rev: 5, value: 'five' }, cloud: { rev: 2, value: 'two' } } as unknown as AppState
const change = (topics: object) => topics as Partial<AppState>

it('takes what is newer and leaves the rest', () => {
  const next = applyChange(state, change({ scan: { rev: 6, value: 'six' }, cloud: { rev: 2, value: 'again' } }))
  expect(next.scan).toEqual({ rev: 6, value: 'six' })
  expect(next.cloud).toBe(state.cloud)
})

it('keeps the very same state when nothing is newer, so that nothing is drawn again', () => {
  expect(applyChange(state, change({ scan: { rev: 4, value: 'late' }, other: { rev: 99, value: 'x' } }))).toBe(state)
  expect(applyChange(state, {})).toBe(state)
})
