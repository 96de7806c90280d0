import { describe, expect, it } from 'vitest'
import { found, hex, logical } from './testing/found.ts'
import { smallPe } from './testing/programs.ts'

describe('a logical signature', () => {
  const [a, b, c] = ['aaaa', 'bbbb', 'cccc'].map(hex) as [string, string, string]
  it.each([
    ['0&1', ['aaaa bbbb'], ['aaaa', 'bbbb', '']],
    ['0|1', ['aaaa', 'bbbb'], ['cccc']],
    ['(0|1)&2', ['aaaa cccc', 'bbbb cccc'], ['aaaa bbbb', 'cccc']],
    // Without parentheses ClamAV splits at the first operator: 0 & (1 | 2).
    ['0&1|2', ['aaaa bbbb', 'aaaa cccc'], ['cccc', 'bbbb cccc']],
    // Within them at the last one: (0 & 1) | 2.
    ['(0&1|2)', ['aaaa bbbb', 'cccc'], ['aaaa', 'bbbb']],
    ['0>1&1', ['aaaa aaaa bbbb'], ['aaaa bbbb']],
    ['0=2|1>0', ['aaaa aaaa', 'bbbb', 'bbbb aaaa'], ['aaaa', 'aaaa aaaa aaaa']],
    ['0&1=0', ['aaaa', 'aaaa cccc'], ['aaaa bbbb', '']],
    ['0<3&1', ['bbbb', 'aaaa bbbb', 'aaaa aaaa bbbb'], ['aaaa aaaa aaaa bbbb', 'aaaa']],
    ['(0|1|2)>2', ['aaaa aaaa bbbb', 'aaaa aaaa aaaa'], ['aaaa bbbb', '']],
    ['(0|1|2)>2,2', ['aaaa aaaa bbbb', 'aaaa bbbb cccc'], ['aaaa aaaa aaaa', 'aaaa bbbb']],
    ['(0|1|2)=3', ['aaaa bbbb cccc'], ['aaaa bbbb', 'aaaa aaaa bbbb bbbb']],
    ['(0&1)>2,2', ['aaaa aaaa bbbb'], ['aaaa bbbb', 'aaaa aaaa aaaa']],
    ['(0&1)<3&2', ['cccc', 'aaaa aaaa aaaa cccc', 'aaaa bbbb cccc'], ['aaaa aaaa bbbb cccc', 'aaaa']],
  ])('of %s is true where ClamAV says so', (expression, hits, misses) => {
    const used = new Set(expression.match(/(?<![<>=,\d])\d/g))
    const lines = logical(expression, ...[a, b, c].slice(0, Math.max(...[...used].map(Number)) + 1))
    for (const hit of hits) expect(found('ldb', lines, hit), hit).toEqual(['Test'])
    for (const miss of misses) expect(found('ldb', lines, miss), miss).toEqual([])
  })

  it.each([
    ['i', ['xabcdx', 'xABcDx'], ['xa\0b\0c\0d\0x']],
    ['w', ['xa\0b\0c\0d\0x'], ['xabcdx', 'xA\0b\0c\0d\0x']],
    ['a', ['xabcdx'], ['xa\0b\0c\0d\0x']],
    ['wa', ['xa\0b\0c\0d\0x', 'xabcdx'], ['xABCDx']],
    ['iwa', ['xA\0b\0c\0d\0x', 'xaBcdx'], ['xa\0bcd']],
    ['f', ['.abcd.', 'abcd', ' abcd\n', '_abcd_'], ['xabcd.', '.abcd9']],
    ['fi', ['.ABcd.'], ['xABcd.']],
    ['fw', ['.\0a\0b\0c\0d\0.\0'], ['.abcd.', 'x\0a\0b\0c\0d\0.\0']],
  ])('with modifiers %s', (modifiers, hits, misses) => {
    const lines = logical('0', `${hex('abcd')}::${modifiers}`)
    for (const hit of hits) expect(found('ldb', lines, hit), JSON.stringify(hit)).toEqual(['Test'])
    for (const miss of misses) expect(found('ldb', lines, miss), JSON.stringify(miss)).toEqual([])
  })

  it('with modifiers on a pattern that has wildcards', () => {
    const pattern = `${hex('abc')}??(64|65)`
    expect(found('ldb', logical('0', `${pattern}::i`), 'ABc.D')).toEqual(['Test'])
    expect(found('ldb', logical('0', `${pattern}::w`), 'a\0b\0c\0.\0d\0')).toEqual(['Test'])
    expect(found('ldb', logical('0', `${pattern}::wa`), 'abc.e')).toEqual(['Test'])
    expect(found('ldb', logical('0', `${pattern}::w`), 'abc.e')).toEqual([])
  })

  it('with offsets of its parts, sizes, entry points and sections', () => {
    expect(found('ldb', logical('0&1', `0:${a}`, `EOF-4:${b}`), 'aaaa..bbbb')).toEqual(['Test'])
    expect(found('ldb', logical('0&1', `0:${a}`, `EOF-4:${b}::i`), '.aaaa..bbbb')).toEqual([])
    const content = Buffer.from('aaaa')
    const program = smallPe([{ address: 0x1000, content }], 0x1000)
    const of = (attributes: string): string[] => [`Test;Engine:51-255,Target:1,${attributes};0;${a}`]
    expect(found('ldb', of('FileSize:1536-1536'), program)).toEqual(['Test'])
    expect(found('ldb', of('FileSize:1537-9999'), program)).toEqual([])
    expect(found('ldb', of('NumberOfSections:1-1'), program)).toEqual(['Test'])
    expect(found('ldb', of('NumberOfSections:2-9'), program)).toEqual([])
    expect(found('ldb', of('EntryPoint:1024-1024'), program)).toEqual(['Test'])
    expect(found('ldb', of('EntryPoint:0-1023'), program)).toEqual([])
  })
})
