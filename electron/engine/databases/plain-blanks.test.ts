import { expect, it } from 'vitest'
import { withPlainBlanks } from './plain-blanks.ts'
import { compileRules } from './rule-store.ts'

const plain = (source: string): string => withPlainBlanks([{ namespace: 'x', source }])[0]?.source ?? ''

it('blanks of other scripts stay where they are looked for, and are ordinary ones between words', () => {
  const source = 'rule\u3000A { /* \u2028 */ strings: $a = "\u3000" $b = /\u0085x/ condition:\u1680$a }\u2029// \u3000'
  expect(plain(source)).toBe('rule A { /* \u2028 */ strings: $a = "\u3000" $b = /\u0085x/ condition: $a } // \u3000')
  expect(plain('rule A { strings: $a = "no end\u3000')).toBe('rule A { strings: $a = "no end ')
  expect(plain('/* no end\u2028')).toBe('/* no end ')
})

it.each(['\u0085', '\u1680', '\u2028', '\u2029', '\u3000'])(
  'an error beside the blank %j is named and ends nothing',
  async (blank) => {
    const sources = [
      { namespace: 'bad.yar', source: `rule Bad {${blank}condition: nothing ${blank} }` },
      { namespace: 'cut.yar', source: `rule Cut { strings: $a = "no end${blank}` },
      { namespace: 'good.yar', source: `rule Good {${blank}condition: true }` },
    ]
    for (const backend of ['native', 'wasm'] as const) {
      const { rules, rejected } = await compileRules(sources, { backend })
      expect(rules).toMatchObject({ rules: 1, failed: false })
      expect([...new Set(rejected.map(({ file }) => file))].sort()).toEqual(['bad.yar', 'cut.yar'])
    }
  },
)
