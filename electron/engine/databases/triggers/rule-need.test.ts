import { describe, expect, it } from 'vitest'
import { needOf } from './rule-need.ts'

const ids = ['$a', '$b1', '$b2', '$', '$']
const gif = { id: '$gif', exact: Buffer.from('GIF8') }
const need = (condition: string) => needOf(condition, [...ids.map((id) => ({ id })), gif])
const strings = (count: number, ...of: number[]) => ({ kind: 'strings', count, of })
const anything = { kind: 'anything' }

describe('what a condition needs', () => {
  it.each<[string, object]>([
    ['$a', strings(1, 0)],
    ['$a at 0', strings(1, 0)],
    ['($b1 in (0 .. filesize - 1))', strings(1, 1)],
    ['any of them', strings(1, 0, 1, 2, 3, 4, 5)],
    ['all of ($b*)', strings(2, 1, 2)],
    ['2 of ($a, $b*) in (0..100)', strings(2, 0, 1, 2)],
    ['0x2 of them', strings(2, 0, 1, 2, 3, 4, 5)],
    ['#a > 0', strings(1, 0)],
    ['#b1 >= 3', strings(1, 1)],
    ['#b1 == 2', strings(1, 1)],
    ['$gif at 0', { kind: 'all', of: [strings(1, 5), { kind: 'begins', bytes: [0x47, 0x49, 0x46, 0x38] }] }],
    ['$gif at 3', strings(1, 5)],
    ['$gif at 0 + 3', strings(1, 5)],
    ['false', { kind: 'nothing' }],
    ['filesize < 2KB', { kind: 'size', most: 2047 }],
    ['filesize <= 1MB', { kind: 'size', most: 1_048_576 }],
    ['uint16(0) == 0x5a4d', { kind: 'begins', bytes: [0x4d, 0x5a] }],
    ['0x5a4d == uint16(0)', { kind: 'begins', bytes: [0x4d, 0x5a] }],
    ['uint32be(0) == 0x7f454c46', { kind: 'begins', bytes: [0x7f, 0x45, 0x4c, 0x46] }],
    ['uint8(0) == 300', { kind: 'nothing' }],
    ['pe.is_pe', { kind: 'begins', bytes: [0x4d, 0x5a] }],
    [
      '/* $b1 or */ $a and ( $b1 or $b2 ) // or false',
      { kind: 'all', of: [strings(1, 0), { kind: 'any', of: [strings(1, 1), strings(1, 2)] }] },
    ],
    ['$a or $b1 and $b2', { kind: 'any', of: [strings(1, 0), { kind: 'all', of: [strings(1, 1), strings(1, 2)] }] }],
    ['$a and filename contains "or"', { kind: 'all', of: [strings(1, 0), anything] }],
    ['filename matches /a and b/i and $a', { kind: 'all', of: [anything, strings(1, 0)] }],
  ])('%s', (condition, expected) => {
    expect(need(condition)).toEqual(expected)
  })

  it.each([
    'not $a',
    'not any of them',
    'none of them',
    '0 of them',
    '50% of them',
    '(1 + 1) of them',
    'any of (rule_a, rule_b)',
    'for any of them : ( $ at 0 )',
    'for all i in (1..3) : ( uint8(i) == 0 ) ',
    '#a',
    '#a < 3',
    '#a >= 0',
    '#a == 0',
    '#a in (0..10) > 1',
    'filesize > 3KB',
    'filesize < limit',
    'int16(0) == 0x5a4d',
    'uint16(1) == 0x5a4d',
    'uint16(0) == 0x5a4d + 1',
    'uint16(0) != 0x5a4d',
    '(uint16(0) == 0x5a4d) == false',
    'uint16(uint32(0x3c)) == 0x4550',
    'any of them == false',
    'pe.number_of_sections == 3',
    'another_rule',
    'true',
    'defined $a',
    '$c',
    '$a )',
  ])('%s: nothing is certain', (condition) => {
    expect(need(condition)).toEqual(anything)
  })
})
