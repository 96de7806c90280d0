import { describe, expect, it } from 'vitest'
import { readRules } from './rule-text.ts'

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
})
