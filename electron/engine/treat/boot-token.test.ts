import { expect, it } from 'vitest'
import { bootToken, sameBoot } from './boot-token.ts'

it('is the same as long as the machine runs, and tells a container that was started anew', () => {
  expect(sameBoot(bootToken(), bootToken())).toBe(true)
  expect(bootToken().length).toBeLessThanOrEqual(256)
  expect(sameBoot('id-1 100', 'id-1 100')).toBe(true)
  expect(sameBoot('id-1 100', 'id-1 200')).toBe(false)
  expect(sameBoot('id-1 100', 'id-2 100')).toBe(false)
})

it('takes what a token does not say for unchanged: those of earlier versions, and what may not be read', () => {
  expect(sameBoot('id-1', 'id-1 100')).toBe(true)
  expect(sameBoot('id-1 100', 'id-1')).toBe(true)
  expect(sameBoot('id-1', 'id-2 100')).toBe(false)
  expect(sameBoot('', '')).toBe(true)
})
