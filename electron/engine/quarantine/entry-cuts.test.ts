import { describe, expect, it } from 'vitest'
import { cutsBetween, putBack, withCuts } from './entry-cuts.ts'

const evil = '/tmp/evil &\n'

function cut(old: string, now: string) {
  const cuts = cutsBetween(old, now)
  if (cuts === undefined) throw new Error('too many')
  return cuts
}

describe('what was cut out of a file', () => {
  it.each([
    ['a line', `a\n${evil}b\n`, 'a\nb\n'],
    ['the only line', evil, ''],
    ['the first and the last', `${evil}a\nb\n${evil}`, 'a\nb\n'],
    ['neighbours', `a\n${evil}${evil}b`, 'a\nb'],
    ['a command of a line', 'if x\n/tmp/evil; ls\nfi\n', 'if x\nls\nfi\n'],
    ['one in the place of another, and a line', `x\n/tmp/evil\ny\nz\n${evil}`, 'x\n:\ny\nz\n'],
    ['bytes that are no text', `\xff\n${evil}\x80\n`, '\xff\n\x80\n'],
  ])('is known byte for byte: %s', (_, old, now) => {
    const cuts = cut(old, now)
    expect(withCuts(old, cuts)).toBe(now)
    expect(putBack(old, cuts, now)).toBe(old)
    expect(putBack(old, cuts, old)).toBe(old)
  })

  it('is put back into what the file is by now, and every later edit stays', () => {
    const old = `# mine\nalias a=b\n${evil}alias c=d\nexport E=f\n`
    const cuts = cut(old, old.replace(evil, ''))
    const edits: readonly (readonly [string, string])[] = [
      ['# mine\nalias a=b\nalias c=d\nexport E=f\nlater\n', `# mine\nalias a=b\n${evil}alias c=d\nexport E=f\nlater\n`],
      ['first\n# mine\nalias a=b\nalias c=d\n', `first\n# mine\nalias a=b\n${evil}alias c=d\n`],
      ['# mine\nalias a=b\nalias c=changed\n', `# mine\nalias a=b\n${evil}alias c=changed\n`],
      ['# mine\nalias a=changed\nalias c=d\nexport E=f\n', `# mine\nalias a=changed\n${evil}alias c=d\nexport E=f\n`],
    ]
    for (const [theirs, expected] of edits) expect(putBack(old, cuts, theirs)).toBe(expected)
  })

  it('is put back at the end when it stood there, whatever ends the file', () => {
    const old = `a\nb\n/tmp/evil`
    const cuts = cut(old, 'a\nb\n')
    expect(putBack(old, cuts, 'a\nb\nc')).toBe('a\nb\n/tmp/evil\nc')
    expect(putBack(old, cuts, 'x\na\nb')).toBe('x\na\nb\n/tmp/evil')
  })

  it('is put back beside a neighbour that was removed later', () => {
    const both = `a\nb\n/tmp/evil\n/tmp/evil2\n`
    const cuts = cut(both, 'a\nb\n/tmp/evil2\n')
    expect(putBack(both, cuts, 'a\nb\n')).toBe('a\nb\n/tmp/evil\n')
  })

  it('is not put back where its place is not certain, nor half of it', () => {
    const old = `a\n${evil}b\nc\nd\ne\nf\n/tmp/evil2\ng\n`
    const cuts = cut(old, 'a\nb\nc\nd\ne\nf\ng\n')
    expect(putBack(old, cuts, 'all\nelse\n')).toBeUndefined()
    expect(putBack(old, cuts, '')).toBeUndefined()
    expect(putBack(old, cuts, 'a\nb\nc\nd\n')).toBeUndefined()
    expect(putBack(old, cuts, 'a\nb\na\nb\nc\nd\ne\nf\ng\n')).toContain(`a\n${evil}b\nc\n`)
    const twice = `x\n${evil}y\n`
    expect(putBack(twice, cut(twice, 'x\ny\n'), '0\nx\ny\n1\nx\ny\n2\n')).toBeUndefined()
  })

  it('a command is put back only where what was left of it still stands', () => {
    const old = 'if x\nthen /tmp/evil\nfi\n'
    const cuts = cut(old, 'if x\nthen :\nfi\n')
    expect(putBack(old, cuts, 'top\nif x\nthen :\nfi\n')).toBe('top\nif x\nthen /tmp/evil\nfi\n')
    expect(putBack(old, cuts, 'if x\nthen ls\nfi\n')).toBeUndefined()
  })

  it('is not kept when it is too much, and is told in a moment for large files', () => {
    const lines = Array.from({ length: 300 }, (_all, at) => `${at}\n${evil}`)
    expect(cutsBetween(lines.join(''), lines.join('').replaceAll(evil, ''))).toBeUndefined()
    const large = 'l\n'.repeat(100_000)
    const old = `a\n${evil}b\n${large}`
    const begun = performance.now()
    expect(putBack(old, cut(old, `a\nb\n${large}`), `x\na\nb\n${large}`)).toBe(`x\n${old}`)
    expect(performance.now() - begun).toBeLessThan(5_000)
  })
})
