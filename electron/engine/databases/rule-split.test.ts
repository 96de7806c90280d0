import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { noVariables } from '../detect/pattern-engine.ts'
import { createNativeEngine } from '../detect/yara-native.ts'
import { splitRules } from './rule-split.ts'
import { compileRules } from './rule-store.ts'
import { readRules } from './rule-text.ts'

const source = (text: string) => [{ namespace: 'n', source: text }]
const split = (text: string, untouched = new Set<string>()) =>
  splitRules(source(text), { untouched, rarity: ({ bytes }) => (bytes.length < 7 ? null : 1) })
const namesIn = ([first]: readonly { source: string }[]) => readRules(first?.source ?? '')?.map(({ name }) => name)
const rule = (name: string, condition: string, strings = '') =>
  `rule ${name} : tag {${strings} condition: ${condition} }\n`
const mz = 'uint16(0) == 0x5a4d'
/** Not in one piece: it would be taken for an import of this file. */
const usesPe = ['import', '"pe"'].join(' ')
const long = ' strings: $a = "a long literal" $b = "x" '

describe('rules only for Windows programs', () => {
  it.each([
    [`${mz} and $a`, []],
    [`($a) and (filesize < 1KB and pe.is_pe)`, []],
    [`${mz} or $a`, ['R']],
    [`not ${mz} and $a`, ['R']],
    [`(${mz}) == false`, ['R']],
    ['pe.number_of_sections == 0 and $a', ['R']],
  ])('%s', (condition, names) => {
    expect(namesIn(split(rule('R', condition, ' strings: $a = "x"')).complete)).toEqual(names)
  })

  it('stay where others refer to them, and where it cannot be told', () => {
    const { complete } = split(rule('Used', mz) + rule('Alone', mz) + rule('User', 'not Used'))
    expect(namesIn(complete)).toEqual(['Used', 'User'])
    expect(namesIn(split(rule('A', mz) + rule('B', 'any of (A*)')).complete)).toEqual(['A', 'B'])
    expect(namesIn(split(`global ${rule('G', mz)}`).complete)).toEqual(['G'])
    expect(namesIn(split(rule('Twice', mz) + rule('Twice', 'true')).complete)).toEqual(['Twice', 'Twice'])
    expect(split(rule('A', mz), new Set(['n'])).complete).toEqual(source(rule('A', mz)))
  })
})

describe('rules that wait for a trigger', () => {
  it.each<[string, string, boolean]>([
    // condition, what is known, and whether it waits
    ['$a', 'a trigger', true],
    ['$a or $b', 'nothing: $b is too short', false],
    ['$b and filesize < 3KB', 'a size, which is not enough', false],
    ['all of them', 'a trigger', true],
    ['any of them', 'nothing', false],
    [`${mz} and $b or $a`, 'a trigger', true],
    ['not $a', 'nothing', false],
  ])('%s: %s', (condition, _, waits) => {
    const parts = split(rule('R', condition, long))
    expect(namesIn(parts.complete)).toEqual(['R'])
    expect(namesIn(parts.untriggered)).toEqual(waits ? [] : ['R'])
    expect(parts.lone).toHaveLength(waits ? 1 : 0)
  })

  it('are never asked alone where another rule decides too', () => {
    const other = split(rule('A', '$a', long) + rule('B', 'A and $a', long))
    expect(namesIn(other.untriggered)).toEqual(['A', 'B'])
    expect(other.lone).toHaveLength(1)
    expect(split(`global ${rule('G', 'filesize > 3')}${rule('A', '$a', long)}`).lone).toEqual([])
  })

  it('keep their imports and their namespace', () => {
    const [lone] = split(`${usesPe}\n// import "no"\n${rule('A', '$a and pe.is_dll()', long)}`).lone
    expect(lone).toMatchObject({ namespace: 'n', source: expect.stringContaining(`${usesPe}\nrule A`) })
    expect(lone?.source).not.toContain('"no"')
  })
})

describe('every content matches the same rules with and without the split', () => {
  const random = randomNumbers(20_261_128)
  const words = Array.from({ length: 400 }, (_, at) => `${wordOf(random)}${at}${wordOf(random)}`)
  const large = Array.from({ length: 12 }, (_, file) => ({
    namespace: `made-${file}`,
    source: `${usesPe}\n${Array.from({ length: 40 }, (_rule, at) => madeRule(file * 40 + at)).join('')}`,
  }))

  /** Shaped like public rules: headers, sizes, sets of strings, exceptions, references to other rules. */
  function madeRule(number: number): string {
    const word = () => words[random(words.length)] ?? ''
    const strings = [
      `$a1 = "${word()}" ${['', 'nocase', 'wide', 'ascii wide', 'xor'][random(5)]}`,
      `$a2 = "${word()}" ${['', 'nocase wide', 'fullword'][random(3)]}`,
      `$b1 = { ${Buffer.from(word()).toString('hex')} ?? [1-3] ${Buffer.from(word()).toString('hex')} }`,
      `$b2 = /${word()}[0-9a-f]{1,4}(x|y)?/ ${['', 'nocase', 'ascii wide'][random(3)]}`,
      `$c = "${word().slice(0, 4)}"`,
    ]
    const conditions = [
      '$a1',
      'any of ($a*)',
      '2 of them',
      'all of ($a*) or $b1',
      `${mz} and any of them or 3 of them`,
      `${mz} and $a1`,
      'uint32(0) == 0x464c457f and 1 of them',
      'filesize < 2KB and $c',
      '#a1 > 1 and not $b1',
      '$a1 and not $b2',
      'for any of ($b*) : ( @ > 10 )',
      number % 40 > 0 ? `Made${number - 1} and $a2` : '$b2 at 0 or $a2',
    ]
    return `rule Made${number} { strings: ${strings.join(' ')} condition: (${conditions[number % conditions.length]}) and (true or any of them) }\n`
  }

  /** Words in all the forms that strings can have, at odd places. */
  function madeContent(): Buffer {
    const begin = ['', 'MZ', '\x7fELF', '#!/bin/sh\n'][random(4)] ?? ''
    const pieces = Array.from({ length: 1 + random(8) }, () => {
      const text = Buffer.from(words[random(words.length)] ?? '')
      const forms = [
        text,
        Buffer.from(text.toString().toUpperCase()),
        Buffer.from(text.toString(), 'utf16le'),
        text.map((byte) => byte ^ 0x33),
        Buffer.concat([text, Buffer.from('ab'), text]),
        Buffer.concat([text, Buffer.from('\0f1x')]),
      ]
      return Buffer.concat([Buffer.alloc(random(7), 32 + random(90)), forms[random(forms.length)] ?? text])
    })
    return Buffer.concat([Buffer.from(begin, 'latin1'), ...pieces, Buffer.alloc(random(3) * 1000)])
  }

  it('in made contents and in the programs of the system', async () => {
    const { rules, rejected } = await compileRules(large)
    expect(rejected).toEqual([])
    const forms = rules.compiled
    if (forms?.split == null) throw new Error('not split')
    const options = { timeoutMs: 30_000, maxMatches: 64 }
    const parts = createNativeEngine(rules, options)
    const whole = createNativeEngine({ ...rules, compiled: { all: forms.all, split: null } }, options)
    const names = (engine: typeof whole, content: Buffer) =>
      engine
        .scan(content, noVariables)
        .map(({ namespace, rule: name, meta }) => `${namespace} ${name} ${JSON.stringify(meta)}`)
        .sort()
    let matches = 0
    const contents = [...Array.from({ length: 2500 }, madeContent), ...programs()]
    for (const content of contents) {
      const expected = names(whole, content)
      expect(names(parts, content)).toEqual(expected)
      matches += expected.length
    }
    expect(matches).toBeGreaterThan(3000)
  }, 120_000)
})

function programs(): Buffer[] {
  const paths = readdirSync('/usr/bin').map((name) => join('/usr/bin', name))
  const files = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false)
  return files.slice(0, 120).map((path) => readFileSync(path).subarray(0, 300_000))
}

function wordOf(random: (below: number) => number): string {
  return Array.from({ length: 4 + random(5) }, () => String.fromCharCode(97 + random(26))).join('')
}

/** The same numbers every time (xorshift). */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
