import { describe, expect, it } from 'vitest'
import { FilePath } from '#shared/domain/file-path.ts'
import { toBytes, toFilePath, unambiguousText } from './path-text.ts'

describe('path text', () => {
  it('leaves an ordinary path alone and adds no bytes', () => {
    expect(toFilePath(Buffer.from('/home/ä/文件 1.txt'))).toEqual({ text: '/home/ä/文件 1.txt' })
  })

  it('escapes control characters, DEL, bidi overrides and invalid UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('/a\n\x7f\u202egpj.exe'), Buffer.from([0xff, 0xed, 0xa0, 0x80])])
    const path = toFilePath(bytes)
    expect(path.text).toBe('/a\\x0a\\x7f\\u{202e}gpj.exe\\xff\\xed\\xa0\\x80')
    expect(toBytes(path)).toEqual(bytes)
  })

  it('has bytes exactly when the text is not the path, for random names (fixed seed)', () => {
    let seed = 7
    const next = (): number => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return seed >> 8
    }
    for (let round = 0; round < 500; round += 1) {
      const bytes = Buffer.from(Array.from({ length: 1 + (next() % 40) }, () => 1 + (next() % 255)))
      const path = FilePath.parse(toFilePath(bytes))
      expect(toBytes(path)).toEqual(bytes)
      expect(path.bytes === undefined).toBe(Buffer.from(path.text).equals(bytes))
    }
  })

  it('does not confuse a name that looks like an escape', () => {
    const path = toFilePath(Buffer.from('/a\\x0a'))
    expect(path).toEqual({ text: '/a\\x0a' })
    expect(toBytes(path).toString()).toBe('/a\\x0a')
  })

  it('can be told for a name that looks like an escape too, where that is asked for', () => {
    const names = ['/a\\x0a', '/a\n', '/a\\\\x0a', '/\u202ea', '/\\u{202e}a'].map((name) => Buffer.from(name))
    const texts = names.map(unambiguousText)
    expect(texts).toEqual(['/a\\\\x0a', '/a\\x0a', '/a\\\\\\\\x0a', '/\\u{202e}a', '/\\\\u{202e}a'])
  })

  it('keeps the text of a very long hostile path within the wire limit', () => {
    const bytes = Buffer.alloc(9_000, 0xff)
    const path = FilePath.parse(toFilePath(bytes))
    expect(toBytes(path)).toEqual(bytes)
  })

  it('refuses an empty path, NUL and too long', () => {
    expect(() => toFilePath(Buffer.alloc(0))).toThrow('bad-path')
    expect(() => toFilePath(Buffer.alloc(18_001, 65))).toThrow('bad-path')
    expect(() => toBytes({ text: 'a\0b' })).toThrow('bad-path')
  })
})
