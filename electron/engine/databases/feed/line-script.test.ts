// Scripts of line changes: what they do, what they refuse, and that the ones we write lead where they should.
import { describe, expect, it } from 'vitest'
import { differenceOf } from './line-difference.ts'
import { applyChanges, readScript, writeScript } from './line-script.ts'

const before = Buffer.from('one\ntwo words\nthree\nfour\n')

function apply(script: string): string | null {
  const [file] = readScript(script) ?? []
  return file === undefined ? null : (applyChanges(before, file)?.toString('latin1') ?? null)
}

describe('a script', () => {
  it('deletes, exchanges, inserts and adds lines, counted as they were before', () => {
    const script = 'OPEN f\nDEL 1 3:one\nXCHG 2 5:two w a b\nINS 4 new\nINS 4 newer\nADD last\nADD \nCLOSE\n'
    expect(apply(script)).toBe('a b\nthree\nnew\nnewer\nfour\nlast\n\n')
  })

  it.each([
    ['another old line', 'DEL 2 3:one'],
    ['a start that is longer than the line', 'DEL 1 5:one\nt'.replace('\n', ' ')],
    ['a line that is not there', 'DEL 5 0:'],
    ['one line twice', 'DEL 2 3:two\nXCHG 2 3:two x'],
    ['lines in the wrong order', 'DEL 3 3:thr\nDEL 1 3:one'],
  ])('with %s changes nothing (45)', (_, change) => {
    expect(readScript(`OPEN f\n${change}\nCLOSE\n`)).not.toBeNull()
    expect(apply(`OPEN f\n${change}\nCLOSE\n`)).toBeNull()
  })

  it.each([
    ['no line feed at the end', 'OPEN f\nCLOSE'],
    ['a change outside of a file', 'DEL 1 3:one\n'],
    ['a file that is not closed', 'OPEN f\nADD x\n'],
    ['two files open', 'OPEN f\nOPEN g\nCLOSE\n'],
    ['an unknown word', 'OPEN f\nMOVE 1 2\nCLOSE\n'],
    ['line 0', 'OPEN f\nDEL 0 3:one\nCLOSE\n'],
    ['a length that is not there', 'OPEN f\nDEL 1 9:one\nCLOSE\n'],
    ['more than the start of a line to delete', 'OPEN f\nDEL 1 2:one\nCLOSE\n'],
    ['nothing to exchange for', 'OPEN f\nXCHG 1 3:one\nCLOSE\n'],
  ])('with %s is none', (_, text) => {
    expect(readScript(text)).toBeNull()
  })

  it('does not end a file that does not end with a line', () => {
    expect(applyChanges(Buffer.from('one\ntwo'), { file: 'f', changes: [], added: ['x'] })).toBeNull()
  })
})

describe('a difference', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['nothing', 'a\nb\n', 'a\nb\n'],
    ['from nothing', '', 'a\n'],
    ['to nothing', 'a\nb\n', ''],
    ['lines at the end', 'a\nb\n', 'a\nb\nc\nd\n'],
    ['lines at the beginning', 'c\n', 'a\nb\nc\n'],
    ['lines in between', 'a\nd\n', 'a\nb\nc\nd\n'],
    ['lines that are gone', 'a\nb\nc\nd\n', 'a\nd\n'],
    ['lines in another order', 'a\nb\nc\nd\n', 'd\nb\na\nc\n'],
    ['lines that are there often', '}\n}\na\n}\n\n}\n', '}\na\n}\nb\n}\n}\n\n'],
    ['bytes that are no UTF-8, carriage returns', 'a\xff\r\nb\n', 'a\xfe\r\nb\n\r\n'],
  ]

  it.each(cases)('leads there: %s', (_, old, fresh) => {
    expect(roundTrip(old, fresh)).toBe(fresh)
  })

  it('leads there from anything to anything', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * below)
    }
    for (let round = 0; round < 500; round += 1) {
      const text = () => Array.from({ length: random(12) }, () => `${'xy'.repeat(random(20))}${random(6)}\n`).join('')
      const [old, fresh] = [text(), text()]
      expect(roundTrip(old, fresh)).toBe(fresh)
    }
  })

  it('names only what changed', () => {
    const lines = Array.from({ length: 5000 }, (_, at) => `line ${at}\n`)
    const changed = lines.map((line, at) =>
      at === 100 ? 'other\n' : at === 200 ? '' : at === 300 ? `new\n${line}` : line,
    )
    const found = differenceOf('f', Buffer.from(lines.join('')), Buffer.from(changed.join('')))
    expect(found && writeScript([found])).toBe(
      'OPEN f\nXCHG 101 8:line 100 other\nDEL 201 8:line 200\nINS 301 new\nCLOSE\n',
    )
  })

  it('of what is no text is none', () => {
    expect(differenceOf('f', Buffer.from('a\n'), Buffer.from('a\0\n'))).toBeNull()
    expect(differenceOf('f', Buffer.from('a'), Buffer.from('a\n'))).toBeNull()
  })
})

function roundTrip(old: string, fresh: string): string | null {
  const found = differenceOf('f', Buffer.from(old, 'latin1'), Buffer.from(fresh, 'latin1'))
  const [read] = found === null ? [] : (readScript(writeScript([found])) ?? [])
  return read === undefined ? null : (applyChanges(Buffer.from(old, 'latin1'), read)?.toString('latin1') ?? null)
}
