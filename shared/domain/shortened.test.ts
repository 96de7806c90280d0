// What was cut shows that it was.
import { expect, it } from 'vitest'
import { shortened } from './shortened.ts'

it('cuts only what is too long, never through a character, and says so', () => {
  expect(shortened('as long as it may be', 20)).toBe('as long as it may be')
  expect(shortened('one character too long', 21)).toBe('one character too lo…')
  expect(shortened('ab😀cd', 4)).toBe('ab…')
  expect(shortened('', 0)).toBe('')
})
