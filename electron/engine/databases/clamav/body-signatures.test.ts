import { describe, expect, it } from 'vitest'
import { type PatternKind, translatePatterns } from './pattern-translation.ts'
import { found, hex } from './testing/found.ts'
import { smallElf, smallPe } from './testing/programs.ts'

describe('a body signature', () => {
  const abc = hex('abc')
  it.each([
    ['bytes as they are', `${abc}`, ['xabcx'], ['xabxc', 'xABCx']],
    ['any byte', `${abc}??64`, ['abcXd'], ['abcd', 'abcXXd']],
    ['half bytes', `${abc}6?`, ['abca', 'abco'], ['abcp', 'abc_']],
    ['other half bytes', `${abc}?4`, ['abcd', 'abct', 'abc4'], ['abce']],
    ['a gap of one length', `${abc}{3}${abc}`, ['abcXXXabc'], ['abcXXabc', 'abcXXXXabc']],
    ['a gap at the end', `${abc}{3}`, ['abcXXX'], ['abcXX']],
    ['a gap with bounds', `${abc}{1-3}${abc}`, ['abcXabc', 'abcXXXabc'], ['abcabc', 'abcXXXXabc']],
    ['a gap with an upper bound', `${abc}{-2}${abc}`, ['abcabc', 'abcXXabc'], ['abcXXXabc']],
    ['a gap with a lower bound', `${abc}{2-}${abc}`, ['abcXXabc', `abc${'X'.repeat(5000)}abc`], ['abcXabc']],
    ['a long gap of one length', `${abc}{200}${abc}`, [`abc${'X'.repeat(200)}abc`], [`abc${'X'.repeat(199)}abc`]],
    ['any gap', `${abc}*${abc}`, ['abcabc', `abc${'X'.repeat(100_000)}abc`], ['abcab']],
    ['a gap beside a byte', `61[1-2]${abc}`, ['aXabc', 'aXXabc'], ['aabc', 'aXXXabc']],
    ['alternatives', `${abc}(64|65)`, ['abcd', 'abce'], ['abcf']],
    ['alternatives of several lengths', `${abc}(64|6566)67`, ['abcdg', 'abcefg'], ['abceg']],
    ['every byte but one', `${abc}!(64)`, ['abce', 'abc\0'], ['abcd', 'abc']],
    ['every byte but some', `${abc}!(64|65|ff)`, ['abcf', 'abc\xfe'], ['abcd', 'abce', 'abc\xff']],
    ['all but one text', `${abc}!(6465)66`, ['abcdXf', 'abcXef'], ['abcdef']],
    ['the beginning', `:0:${abc}`, ['abc'], ['xabc']],
    ['an offset', `:3:${abc}`, ['XXXabc', 'abcabc'], ['XXabc', 'XXXXabc']],
    ['offsets from and to', `:3,2:${abc}`, ['XXXabc', 'XXXXXabc'], ['XXabc', 'XXXXXXabc']],
    ['the end', `:EOF-4:${abc}`, ['abcX', 'XXXabcX'], ['abc', 'abcXX']],
    ['the end, from and to', `:EOF-6,2:${abc}`, ['abcXXX', 'XXabcX'], ['abcXXXX', 'XXXabc', 'abc']],
  ])('finds %s and nothing else', (_, pattern, hits, misses) => {
    const line = pattern.startsWith(':') ? `Test:0${pattern}` : `Test:0:*:${pattern}`
    for (const hit of hits) expect(found('ndb', [line], hit), hit).toEqual(['Test'])
    for (const miss of misses) expect(found('ndb', [line], miss), miss).toEqual([])
  })

  it('at a place is found however often its bytes are elsewhere', () => {
    const stuffed = `${'abc'.repeat(1000)}-abc`
    expect(found('ndb', [`Test:0:EOF-3:${abc}`], stuffed)).toEqual(['Test'])
    expect(found('ndb', [`Test:0:EOF-4,2:${abc}`], stuffed)).toEqual(['Test'])
    expect(found('ndb', [`Test:0:EOF-4:${abc}`], stuffed)).toEqual([])
    expect(found('ndb', [`Test:0:2995,20:2d${abc}`], stuffed)).toEqual(['Test'])
  })

  it('for programs is not looked for in other files', () => {
    const lines = [`Windows:1:*:${abc}`, `Linux:6:*:${abc}`, `Mac:9:*:${abc}`, `Any:0:*:${abc}`]
    expect(found('ndb', lines, 'MZ abc')).toEqual(['Any', 'Windows'])
    expect(found('ndb', lines, '\x7fELF abc')).toEqual(['Any', 'Linux'])
    expect(found('ndb', lines, '\xcf\xfa\xed\xfe abc')).toEqual(['Any', 'Mac'])
    expect(found('ndb', lines, 'text abc')).toEqual(['Any'])
  })

  it('is found at the entry point and in the sections of a Windows program', () => {
    const first = Buffer.from(`${'.'.repeat(0x20)}entry!${'.'.repeat(0x30)}`)
    const second = Buffer.from('....second..')
    const program = smallPe(
      [
        { address: 0x1000, content: first },
        { address: 0x2000, content: second },
      ],
      0x1020,
    )
    const cases: [string, string, boolean][] = [
      ['EP+0', 'entry', true],
      ['EP+1', 'ntry', true],
      ['EP+1', 'entry', false],
      ['EP-2', '..en', true],
      ['EP+0,5', 'try!', true],
      ['EP+0,1', 'try!', false],
      ['S0+32', 'entry', true],
      ['S1+4', 'second', true],
      ['S1+0,4', 'second', true],
      ['S1+0,3', 'second', false],
      ['S0+4', 'second', false],
      ['S2+4', 'second', false],
      ['SL+4', 'second', true],
      ['SL+32', 'entry', false],
      ['SE0', 'entry', true],
      ['SE1', 'entry', false],
    ]
    for (const [offset, text, isThere] of cases)
      expect(found('ndb', [`Test:1:${offset}:${hex(text)}`], program), offset).toEqual(isThere ? ['Test'] : [])
    expect(found('ndb', [`Test:1:EP+0:${hex('entry')}`], Buffer.from('MZ entry'))).toEqual([])
  })

  it('is found at the entry point of a Linux program', () => {
    const program = smallElf(Buffer.from('....entry...'), 0x54 + 4)
    expect(found('ndb', [`Test:6:EP+0:${hex('entry')}`], program)).toEqual(['Test'])
    expect(found('ndb', [`Test:6:EP+1:${hex('entry')}`], program)).toEqual([])
  })

  it('names a threat; unwanted programs are only risky', () => {
    const verdicts = (kind: PatternKind, name: string): unknown => {
      const { source } = translatePatterns(kind, `${name}:0:*:${abc}`, () => false)
      return /verdict = "(.*)"/.exec(source)?.[1]
    }
    expect(verdicts('ndb', 'Win.Trojan.Test-1')).toBe('infected')
    expect(verdicts('ndb', 'PUA.Win.Tool-1')).toBe('risky')
    expect(verdicts('ndb', 'Heuristics.Test')).toBe('risky')
    expect(verdicts('ndu', 'Win.Tool-1')).toBe('risky')
    expect(found('ndb', [`Win.Trojan.Test-1/a(b):0:*:${abc}`], 'abc')).toEqual(['Win.Trojan.Test-1/a(b)'])
  })

  it('that has the same bytes as one for other sizes is found in each size', () => {
    const lines = [
      `Small;Engine:51-255,Target:0,FileSize:0-10;0;${abc}`,
      `Large;Engine:51-255,Target:0,FileSize:20-90;0;${abc}`,
      `End;Engine:51-255,Target:0;0;EOF-30:${abc}`,
      `Any;Engine:51-255,Target:0;0;${abc}`,
    ]
    expect(found('ldb', lines, 'abc')).toEqual(['Any', 'Small'])
    expect(found('ldb', lines, 'abc'.padEnd(15))).toEqual(['Any'])
    expect(found('ldb', lines, 'abc'.padEnd(30))).toEqual(['Any', 'End', 'Large'])
  })
})
