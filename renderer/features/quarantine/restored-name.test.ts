import { expect, it } from 'vitest'
import { nameProblem, restoredName } from './restored-name.ts'

it('suggests a name beside the old one that keeps the ending, and the next one after that', () => {
  expect(restoredName('report.docx')).toBe('report (restored).docx')
  expect(restoredName('report (restored).docx')).toBe('report (restored 2).docx')
  expect(restoredName('report (restored 9).docx')).toBe('report (restored 10).docx')
  expect(restoredName('Makefile')).toBe('Makefile (restored)')
  expect(restoredName('.bashrc')).toBe('.bashrc (restored)')
  expect(restoredName('a.tar.gz')).toBe('a.tar (restored).gz')
})

it('stays within what a file system allows, whole characters only', () => {
  for (const name of [`${'x'.repeat(250)}.exe`, `${'ä'.repeat(126)}.b`, `${'😀'.repeat(63)}.c`]) {
    const next = restoredName(name)
    expect(new TextEncoder().encode(next).length).toBeLessThanOrEqual(255)
    expect(nameProblem(next)).toBeNull()
    expect(next).toContain(' (restored)')
  }
})

it('says what is wrong with a name', () => {
  expect(nameProblem('a.exe')).toBeNull()
  for (const bad of ['', '  ', '..', '.', 'a/b', 'a\nb', 'a\u202eb']) expect(nameProblem(bad)).not.toBeNull()
  expect(nameProblem('ä'.repeat(128))).toBe('Use a shorter name.')
})
