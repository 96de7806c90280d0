import { describe, expect, it } from 'vitest'
import { readRules } from '../rule-text.ts'
import { type Literal, readStrings } from './rule-strings.ts'

/** With `_` for a byte that may be anything. */
function shown({ bytes, known, as }: Literal): string {
  const text = [...bytes].map((byte, at) => (known[at] === 0 ? '_' : String.fromCharCode(byte))).join('')
  return `${text}/${as}`
}

/** As `bytes/as`, of the one string of a rule; null where nothing is known of it. */
function literals(value: string): string[] | null | undefined {
  const text = `rule R : strings_tag { meta: text = "strings: $no = { }" strings: $a = ${value} condition: $a }`
  const [rule] = readRules(text) ?? []
  if (rule === undefined) throw new Error('not a rule')
  return readStrings(text, rule)?.[0]?.anyOf?.map(shown) ?? null
}

describe('what every match of a string holds', () => {
  it.each<[string, string[]]>([
    ['"plain"', ['plain/is']],
    ['"a\\x00b\\n\\\\\\""', ['a\0b\n\\"/is']],
    ['"case" nocase fullword', ['case/nocase']],
    ['"w" wide', ['w\0/is']],
    ['"w" ascii wide', ['w/is', 'w\0/is']],
    ['"key" xor(1-255)', ['key/xor']],
    ['{ 01 02 [2-4] 03 04 05 ?? 06 }', ['\x03\x04\x05_\x06/is']],
    ['{ 01 ( 02 03 04 | 05 ) 06 07 }', ['\x06\x07/is']],
    ['{ ?? 01 ~02 [2] 03 0? /* 04 05 */ 06 // 07 08\n 09 ?? }', ['\x01___\x03_\x06\x09/is']],
    ['/abc[d-f]ghij\\.k/', ['abc_ghij.k/is']],
    ['/abc?defg+hi/', ['defg/is']],
    ['/a{2}bcd{0,3}ef/', ['bc/is']],
    ['/(one|two)three(four)?/', ['three/is']],
    ['/begin\\d\\w+ending/is', ['ending/nocase']],
    ['/one\\b.four\\s/ wide', ['f\0o\0u\0r\0/is']],
    ['/x\\x41\\/y/ wide', ['x\0A\0/\0y\0/is']],
    ['/^start[\\]x]end$/', ['start_end/is']],
  ])('%s', (value, expected) => {
    expect(literals(value)).toEqual(expected)
  })

  it.each(['"text" base64', '/one|two/', '/(?i)text/', '/a[[:alpha:]]bcdefghi/', '/\\Qabc\\E/', '"\u00e9t\u00e9"'])(
    '%s: nothing is certain',
    (value) => {
      expect(literals(value)).toBeNull()
    },
  )

  it('is told for each string, in their order', () => {
    const text = 'rule R { strings: $a = "one" $ = { 01 02 } $b = /x/ private condition: any of them }'
    const [rule] = readRules(text) ?? []
    expect(rule === undefined ? null : readStrings(text, rule)?.map(({ id }) => id)).toEqual(['$a', '$', '$b'])
    const none = 'rule R { condition: true }'
    const [bare] = readRules(none) ?? []
    expect(bare === undefined ? null : readStrings(none, bare)).toEqual([])
  })
})
