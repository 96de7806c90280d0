// What was cut shows that it was.
import { expect, it } from 'vitest'
import { shortened, shortenedName } from './shortened.ts'

it('cuts only what is too long, never through a character, and says so', () => {
  expect(shortened('as long as it may be', 20)).toBe('as long as it may be')
  expect(shortened('one character too long', 21)).toBe('one character too lo…')
  expect(shortened('ab😀cd', 4)).toBe('ab…')
  expect(shortened('', 0)).toBe('')
})

it('keeps the ending of a name, which says what it is', () => {
  const name = 'photo-viewer-installer-with-a-very-long-name-and-more-2026-final(3).exe'
  expect(shortenedName(name, 40)).toBe('photo-viewer-installer-…026-final(3).exe')
  expect(shortenedName(name, 40)).toHaveLength(40)
  expect(shortenedName('short.exe', 9)).toBe('short.exe')
  for (let length = 2; length < 30; length += 1) {
    const cut = shortenedName(`${'😀'.repeat(20)}.b`, length)
    expect(cut.length).toBeLessThanOrEqual(length)
    expect(new TextDecoder().decode(new TextEncoder().encode(cut))).toBe(cut)
  }
})
