import { describe, expect, it } from 'vitest'
import { compileNative } from '../../detect/yara-native.ts'
import { type PatternKind, translatePatterns } from './pattern-translation.ts'
import { logical } from './testing/found.ts'

const never = (): boolean => false

function reasons(kind: PatternKind, lines: readonly string[]): Record<string, number> {
  const { taken, skipped } = translatePatterns(kind, lines.join('\n'), never)
  expect(taken).toBe(0)
  return Object.fromEntries(skipped)
}

describe('a signature that cannot be said exactly', () => {
  it('is told in no time, however many parentheses it opens', () => {
    const line = `A;Target:0;0;aabbccdd${'??('.repeat(20_000)}`
    const started = process.cpuUsage()
    expect(
      reasons(
        'ldb',
        Array.from({ length: 20 }, () => line),
      ),
    ).toEqual({ malformed: 20 })
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000)
  })

  it('is left out when it would become far longer than it is', () => {
    expect(reasons('ndb', [`A:0:*:aabbccdd!(${'aa'.repeat(20_000)})aabbccdd`])).toEqual({
      'negated string too long': 1,
    })
  })

  it('is counted by its reason', () => {
    const body = 'aabbccdd'
    expect(
      reasons('ndb', [
        `A:3:*:${body}`,
        `B:4:*:${body}`,
        `C:3:*:${body}`,
        `D:0:VI:${body}`,
        `E:0:EP+1:${body}`,
        `F:0:*:(B)${body}`,
        `G:0:*:aabb`,
        `H:0:*:${body}:300`,
        `I:0:*:${body}:1:90`,
        `J:0:*:xx`,
        'K:0:*',
        `L:0:*:*${body}`,
        `M:0:*:!(aabb|ccdd)${body}`,
        `N:0:*:${body}(aa|(bb|cc))`,
        `:0:*:${body}`,
        `A"B:0:*:${body}`,
        `O:constructor:*:${body}`,
        `P:0:*:${'aa'.repeat(40_000)}`,
      ]),
    ).toEqual({
      'target 3': 2,
      'target 4': 1,
      'offset type': 1,
      'offset from the entry point': 1,
      'boundary markers': 1,
      'pattern too short to be fast': 1,
      'for another version of ClamAV': 2,
      malformed: 3,
      'gap at an end': 1,
      'negated alternatives of several bytes': 1,
      'nested alternatives': 1,
      'name not plain': 2,
      'line too long': 1,
    })
  })

  it('is counted by its reason when it is a logical one', () => {
    const body = 'aabbccdd'
    const of = (expression: string, ...subs: string[]): string => logical(expression, ...subs)[0] ?? ''
    expect(
      reasons('ldb', [
        of('0', `${body}/a.*b/`),
        of('0|2', body, '0/a;aabbccdd;b/'),
        of('0', 'fuzzy_img#af2ad01ed42993c7'),
        of('0&1', body, '0(>>5#hb2#=123)'),
        of('0&1', body, '$'.concat('{6-7}12$')),
        of('0=0', body),
        of('0|1=0', body, body),
        of('0>99', body),
        of('0>1', `${body}*${body}`),
        of('(0&(1|2))>3', body, body, body),
        of('0&&1', body, body),
        of('(0', body),
        of('5', body),
        of('0', `${body}::x`),
        of('0', `${body}??${body}::f`),
        'A;Engine:51-255,Target:0,Container:CL_TYPE_ZIP;0;aabbccdd',
        'A;Engine:51-255,Target:0,constructor:1-2;0;aabbccdd',
        'A;Engine:51-90,Target:0;0;aabbccdd',
        'A;Engine:51-255;0;aabbccdd',
        'A;Target:0;0',
      ]),
    ).toEqual({
      'regular expressions': 2,
      'image hashes': 1,
      'byte comparisons': 1,
      macros: 1,
      'true without any match': 2,
      'count too high': 1,
      'count of a pattern with gaps or a moving offset': 1,
      'sum over a nested expression': 1,
      'logic not understood': 2,
      malformed: 4,
      'whole words with wildcards': 1,
      'attribute Container': 1,
      'attribute constructor': 1,
      'for another version of ClamAV': 1,
    })
  })

  it('is left out without a word when an entry excludes it, and over the bound with one', () => {
    const lines = ['A:0:*:aabbccdd', '# a comment', '', 'B:0:*:aabbccee\r', 'C:0:*:aabbccff']
    const ignored = translatePatterns(
      'ndb',
      lines.join('\n'),
      (name, line) => name === 'B' && line === 'B:0:*:aabbccee',
    )
    expect([ignored.taken, [...ignored.skipped]]).toEqual([2, []])
    const few = translatePatterns('ndb', lines.join('\n'), never, 1)
    expect([few.taken, [...few.skipped]]).toEqual([1, [['too many patterns', 2]]])
  })

  it('of any damage is never an error, and what is taken compiles', () => {
    const parts = [
      '(',
      ')',
      '|',
      '!',
      '{',
      '}',
      '[',
      ']',
      '*',
      '?',
      '-',
      '1',
      'aa',
      'bb',
      ':',
      ';',
      ',',
      '&',
      '0',
      '>',
      '$',
      '"',
      '\\',
    ]
    let seed = 7
    const next = (bound: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * bound)
    }
    const noise = (): string => Array.from({ length: next(12) }, () => parts[next(parts.length)]).join('')
    for (const kind of ['ndb', 'ldb'] as const) {
      const lines = Array.from({ length: 3000 }, (_, index) => {
        const body = `aabbcc${noise()}`
        if (kind === 'ndb') return `N${index}:${next(2)}:${next(2) ? '*' : noise()}:${body}`
        return `L${index};Engine:51-255,Target:${next(2)}${next(3) ? '' : noise()};${next(2) ? '0' : noise()};${body};${noise()}`
      })
      const { source, taken, skipped } = translatePatterns(kind, lines.join('\n'), never)
      expect(taken + [...skipped.values()].reduce((sum, count) => sum + count, 0)).toBe(lines.length)
      expect(taken).toBeGreaterThan(50)
      expect(compileNative([{ namespace: 'x', source }]).problems).toEqual([])
    }
  })
})
