// How much of the databases cannot be used, also where one entry stands for many.
import { expect, it } from 'vitest'
import { rejectedCount, rejectedText } from './rejected-parts.ts'

it.each([
  ['unknown modifier', 1],
  ['syntax error: unexpected "3"', 1],
  ['2 lines: no name', 2],
  ['1 signature: for another version of ClamAV', 1],
  ['40 signatures: for another version of ClamAV', 40],
  ['2 bytecode, 3 .pdb signatures: not supported', 5],
  ['301 more', 301],
  ['3rd part: damaged', 1],
])('%s stands for %i', (problem, count) => {
  expect(rejectedCount([{ problem }])).toBe(count)
})

it('adds up, and says so', () => {
  const parts = [{ problem: 'too large' }, { problem: '2 lines: no name' }, { problem: '1298 more' }]
  expect(rejectedText(rejectedCount(parts))).toBe('1,301 lines or files of the databases cannot be used')
  expect(rejectedText(1)).toBe('1 line or file of the databases cannot be used')
})
