// Which file an argument names: as bytes, from the folder of the caller, and past links as the system goes.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { absolutePath, argumentBytes, givenArguments, namedPath, realPath } from './raw-arguments.ts'

let root = ''
beforeEach(() => {
  root = realPath(Buffer.from(mkdtempSync(path.join(tmpdir(), 'arguments-')))).toString()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const bytes = (text: string) => Buffer.from(text, 'latin1')

describe.runIf(process.platform === 'linux')('arguments', () => {
  const given = (...all: Buffer[]) => {
    const line = Buffer.concat([bytes('node'), bytes('cli.js'), ...all].flatMap((each) => [each, bytes('\0')]))
    const decoded = all.map((each) => each.toString('utf8'))
    return givenArguments(decoded, () => line).map(argumentBytes)
  }

  it('that are not UTF-8 stay different from each other and from what they look like', () => {
    const all = [
      'a\xff',
      'a\xfe',
      '',
      'a\xef\xbf\xbd',
      '--exclude=\xff\xf0\x9f\x98',
      '\xf0\x9f\x98\x80\xed\xb2\x80',
    ].map(bytes)
    expect(given(...all)).toEqual(all)
  })

  it('that cannot be told are refused', () => {
    expect(() => givenArguments(['a\ufffd'], () => bytes('node\0cli.js\0a\xff\0b\0'))).toThrow('bad-request')
    expect(() => givenArguments(['a\ufffd'], () => bytes(''))).toThrow('bad-request')
  })

  it('that are UTF-8 are not looked up', () => {
    expect(givenArguments(['ä', '\u{1f600}'], () => bytes(''))).toEqual(['ä', '\u{1f600}'])
  })
})

describe('a path', () => {
  it('that is empty names nothing', () => {
    expect(() => absolutePath('')).toThrow('bad-path')
  })

  it('is made absolute, without what says nothing', () => {
    expect(absolutePath('/a//b/./c/').toString()).toBe('/a/b/c')
    expect(absolutePath('/').toString()).toBe('/')
    expect(absolutePath('x..').toString()).toBe(path.join(process.cwd(), 'x..'))
    expect(namedPath(`${root}/..`)).toEqual({ text: path.dirname(root) })
  })

  it('goes up from where a link leads', () => {
    mkdirSync(path.join(root, 'far', 'folder'), { recursive: true })
    symlinkSync(path.join('far', 'folder'), path.join(root, 'link'))
    for (const place of [root, path.join(root, 'far')]) writeFileSync(path.join(place, 'file'), '')
    expect(absolutePath(`${root}/link/../file`).toString()).toBe(path.join(root, 'far', 'file'))
    expect(absolutePath(`${root}/link/../../far/./file`).toString()).toBe(path.join(root, 'far', 'file'))
    expect(() => absolutePath(`${root}/missing/../file`)).toThrow(/^not-found: .*missing/)
  })
})
