import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noVariables } from '../detect/pattern-engine.ts'
import { compileNative, createNativeEngine } from '../detect/yara-native.ts'
import { shared } from './compiled-rules-file.ts'
import { withoutWindowsRules } from './rule-shards.ts'
import { conditionTerms, readRules } from './rule-text.ts'

const limits = { timeoutMs: 30_000, maxMatches: 64 }
const source = (text: string) => [{ namespace: 'n', source: text }]
const kept = (text: string) => readRules(withoutWindowsRules(source(text), new Set())[0]?.source ?? '')
const keptNames = (text: string) => kept(text)?.map(({ name }) => name)
const rule = (name: string, condition: string, strings = '') =>
  `rule ${name} : tag {${strings} condition: ${condition} }\n`

describe('the text of rules', () => {
  it('is told apart in spite of comments, texts, regular expressions and bytes that look like it', () => {
    const text = `
      import "pe" // rule NotOne { condition: true }
      /* rule NotTwo { */
      private global rule One : a b {
        meta: text = "} rule NotThree { condition: \\" false"
        strings: $a = /x\\/}{2} condition: "/ $b = { 00 [1-2] ( 01 | 02 ) } // }
        condition: /* a */ $a or // b
          $b
      }
      rule Two{condition:true}`
    expect(readRules(text)).toMatchObject([
      { name: 'One', isGlobal: true, condition: expect.stringMatching(/^\s*\$a or\s+\$b\s*$/) },
      { name: 'Two', isGlobal: false, condition: 'true' },
    ])
    const first = readRules(text)?.[0]
    expect(text.slice(first?.start, first?.start === undefined ? 0 : first.start + 19)).toBe('private global rule')
  })

  it.each(['rule A {', 'rule A { }', 'rule { condition: true }', 'rule A } {'])(
    'is given up where it is not understood: %s',
    (text) => {
      expect(readRules(text)).toBeNull()
    },
  )

  it('of a condition falls into what all has to be true', () => {
    expect(conditionTerms(' (a and ( b or c )) and not d and for any i in (1,2) : ( e )')).toEqual([
      'a',
      'borc',
      'notd',
      'foranyiin(1,2):(e)',
    ])
    expect(conditionTerms('a and b or c')).toEqual(['aandborc'])
  })
})

describe('rules only for Windows programs', () => {
  it.each([
    ['uint16(0) == 0x5A4D and $a', []],
    ['(uint16(0)==0x5a4d) and not $a', []],
    ['$a and (filesize < 1KB and pe.is_pe)', []],
    ['uint16(0) == 0x5a4d or $a', ['R']],
    ['not uint16(0) == 0x5a4d and $a', ['R']],
    ['not (uint16(0) == 0x5a4d and $a)', ['R']],
    ['(uint16(0) == 0x5a4d) == false', ['R']],
    ['uint16(0) == 0x5a4d + 1', ['R']],
    ['uint16(1) == 0x5a4d and $a', ['R']],
    ['pe.number_of_sections == 0 and $a', ['R']],
  ])('%s', (condition, names) => {
    expect(keptNames(rule('R', condition, ' strings: $a = "x"'))).toEqual(names)
  })

  it('stay where others refer to them, and where it cannot be told', () => {
    const mz = 'uint16(0) == 0x5a4d'
    expect(keptNames(rule('Used', mz) + rule('Alone', mz) + rule('User', 'not Used'))).toEqual(['Used', 'User'])
    expect(keptNames(rule('A', mz) + rule('B', 'any of (A*)'))).toEqual(['A', 'B'])
    expect(keptNames(`global ${rule('G', mz)}`)).toEqual(['G'])
    expect(keptNames(rule('Twice', mz) + rule('Twice', 'true'))).toEqual(['Twice', 'Twice'])
    expect(withoutWindowsRules(source(rule('A', mz)), new Set(['n']))).toEqual(source(rule('A', mz)))
  })
})

it('every content matches the same rules with and without the split', () => {
  const mz = 'uint16(0) == 0x5a4d'
  const strings = ' strings: $a = "library" nocase $b = "usage" $c = { 7f 45 4c 46 } '
  const conditions = [
    '$a',
    `${mz} and $a`,
    `${mz} or $b`,
    `$c and not ${mz}`,
    `not Rule1 and $b`,
    `(${mz}) and any of them`,
    'filesize > 20KB and $a',
    `${mz} and filesize < 5KB`,
  ]
  const sources = source(
    conditions.map((condition, at) => rule(`Rule${at}`, `(${condition}) and (true or any of them)`, strings)).join(''),
  )
  const all = compileNative(sources)
  expect(all.problems).toEqual([])
  const few = compileNative(withoutWindowsRules(sources, new Set())).bytes
  const set = { backend: 'native', rules: 8, failed: false, sources: [] } as const
  const whole = createNativeEngine({ ...set, compiled: { all: shared(all.bytes), notForWindows: null } }, limits)
  const split = createNativeEngine({ ...set, compiled: { all: shared(all.bytes), notForWindows: shared(few) } }, limits)
  let matches = 0
  for (const bytes of contents()) {
    for (const content of [bytes, Buffer.concat([Buffer.from('MZ'), bytes])]) {
      const names = whole.scan(content, noVariables).map((match) => match.rule)
      expect(split.scan(content, noVariables).map((match) => match.rule)).toEqual(names)
      matches += names.length
    }
  }
  expect(matches).toBeGreaterThan(1000)
})

/** Programs and scripts of the system. */
function contents(): Buffer[] {
  const folder = '/usr/bin'
  const paths = readdirSync(folder).map((name) => join(folder, name))
  const files = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)
  return files.slice(0, 500).map((path) => readFileSync(path).subarray(0, 200_000))
}
