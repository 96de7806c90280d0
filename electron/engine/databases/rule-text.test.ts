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

  it.each([
    ['quotation marks', '\\"='],
    ['beginnings of comments', '/*\n'],
    ['slashes', '/(\\'],
  ])('is read in no time with very many %s that have no end', (_, text) => {
    const started = process.cpuUsage()
    readRules(`rule A { condition: true }\n${text.repeat(200_000)}`)
    readRules(`rule A { strings: $a = ${text.repeat(200_000)}`)
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000)
  })

  it('is told apart behind the line of a text that has no end', () => {
    const source = 'rule A { strings: $a = "no end\ncondition: $a }\nrule B { condition: true }'
    expect(readRules(source)?.map(({ name }) => name)).toEqual(['A', 'B'])
  })
})
