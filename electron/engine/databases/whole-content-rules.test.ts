import { expect, it } from 'vitest'
import { wholeContentRules } from './whole-content-rules.ts'

const listed = (condition: string, strings = '$a = "one" $b = /two/ $c_1 = { 01 02 }') =>
  wholeContentRules([{ namespace: 'n', source: `rule R { strings: ${strings} condition: ${condition} }` }])

it.each(['any of them', 'all of ($a, $c_*)', '$a and ($b or $c_1)', '2 of them /* filesize */', 'true'])(
  '%s is true of all when it is true of a piece',
  (condition) => {
    expect(listed(condition)).toBe('')
  },
)

it.each([
  '$a and filesize < 2MB',
  '$a at 0',
  '$a in (0..100)',
  'uint16(0) == 0x5a4d and $a',
  '#a > 3 and $b',
  '$a and not $b',
  '@a[1] < 20',
  'none of them',
  'for any i in (1..#a) : (@a[i] < 5)',
  'pe.is_dll() and $a',
  'Other and $a',
])('%s asks about the whole', (condition) => {
  expect(listed(condition)).toBe('n\tR')
})

it('a source that cannot be read is taken to ask about the whole', () => {
  expect(wholeContentRules([{ namespace: 'n', source: 'rule R { condition: true' }])).toBe('n\t*')
})
