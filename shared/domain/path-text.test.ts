import { expect, it } from 'vitest'
import { fileName, lastSeparator } from './path-text.ts'

it('finds the name in paths of both kinds, and takes an escaped byte for no separator', () => {
  expect(fileName('/tmp/a/eicar.com')).toBe('eicar.com')
  expect(fileName('C:\\Users\\Anna\\tool.exe')).toBe('tool.exe')
  expect(fileName('\\\\server\\share\\a.txt')).toBe('a.txt')
  expect(fileName('C:/mixed\\b.txt')).toBe('b.txt')
  expect(fileName('/tmp/line\\x0abreak.js')).toBe('line\\x0abreak.js')
  expect(fileName('/tmp/a\\b')).toBe('a\\b')
  expect(lastSeparator('plain')).toBe(-1)
})
