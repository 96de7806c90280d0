import { expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { obstacleOf } from './restore.ts'

it('what a person can decide about becomes a question, everything else a message', () => {
  expect(obstacleOf(new ProductError('still-detected', 'not-scanned'))).toBe('still-detected')
  expect(obstacleOf(new ProductError('target-exists'))).toBe('target-exists')
  expect(obstacleOf(new ProductError('not-found', 'folder'))).toBe('folder-gone')
  expect(obstacleOf(new ProductError('needs-administrator', 'owner'))).toBe('no-rights')
  for (const error of [new ProductError('not-found'), new ProductError('vault-damaged'), new Error('x'), null]) {
    expect(obstacleOf(error)).toBeNull()
  }
})
