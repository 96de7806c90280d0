import { describe, expect, it } from 'vitest'
import { unzipped } from '../testing/unzipped.ts'
import { makeZip, type ZipPart } from '../testing/zip-fixture.ts'
import { removeMembers } from './zip-cure.ts'
import { readZipDirectory } from './zip-directory.ts'

const part = (name: string, text = `content of ${name} `.repeat(20)): ZipPart => ({ name, content: Buffer.from(text) })

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >> 8) % below
  }
}

function cured(bytes: Buffer, ...names: string[]): Buffer {
  const result = removeMembers(bytes, new Set(names))
  if (result.kind !== 'cured') throw new Error(JSON.stringify(result))
  return result.bytes
}

function refusal(bytes: Buffer, name = 'b'): string {
  const result = removeMembers(bytes, new Set([name]))
  return result.kind === 'refused' ? result.reason : result.kind
}

describe('removing members from a ZIP', () => {
  it('keeps the records of the other members byte for byte, and unzip accepts the rest', () => {
    const zip = makeZip([part('a.txt'), part('bad.exe'), part('c/d.txt')], 'a comment')
    const out = cured(zip.bytes, 'bad.exe')
    const kept = readZipDirectory(out).members
    expect(kept.map((member) => member.rawName.toString())).toEqual(['a.txt', 'c/d.txt'])
    for (const member of kept) {
      expect(out.subarray(member.start, member.end)).toEqual(zip.records.get(member.rawName.toString()))
    }
    expect(out.subarray(-9).toString()).toBe('a comment')
    expect([...unzipped(out).keys()]).toEqual(['a.txt', 'c/d.txt'])
  })

  it('keeps every other member for random archives (fixed seeds)', () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const next = random(seed)
      const parts = Array.from({ length: 2 + next(8) }, (_, index): ZipPart => {
        const content = Buffer.from(Array.from({ length: next(400) }, () => next(256)))
        const descriptors = ['none', 'signed', 'bare'] as const
        return {
          name: `m${index}${'x'.repeat(next(20))}`,
          content,
          stored: next(2) === 0,
          descriptor: descriptors[next(3)] ?? 'none',
        }
      })
      const zip = makeZip(parts, 'c'.repeat(next(30)))
      const bad = new Set(parts.filter((_, index) => index !== 0 && next(2) === 0).map((one) => one.name))
      if (bad.size === 0) continue
      const out = cured(zip.bytes, ...bad)
      const directory = readZipDirectory(out)
      expect(directory.members.map((member) => member.rawName.toString())).toEqual(
        parts.map((one) => one.name).filter((name) => !bad.has(name)),
      )
      for (const member of directory.members) {
        expect(out.subarray(member.start, member.end)).toEqual(zip.records.get(member.rawName.toString()))
      }
      if (seed % 30 === 0) expect(unzipped(out).size).toBe(directory.members.length)
    }
  })

  it('never throws and never grows for mutated archives (fixed seeds)', () => {
    const { bytes } = makeZip([part('a'), part('b'), { ...part('c'), descriptor: 'signed' }])
    for (let seed = 1; seed <= 3000; seed += 1) {
      const next = random(seed)
      const mutated = Buffer.from(bytes.subarray(0, next(20) === 0 ? next(bytes.length) : bytes.length))
      for (let change = 0; change <= next(4) && mutated.length > 0; change += 1)
        mutated[next(mutated.length)] = next(256)
      const result = removeMembers(mutated, new Set(['b']))
      if (result.kind === 'cured') expect(result.bytes.length).toBeLessThan(mutated.length)
    }
  })

  it('says so when nothing is left but folders', () => {
    const zip = makeZip([part('bad'), { name: 'folder/', content: Buffer.alloc(0), stored: true }])
    expect(removeMembers(zip.bytes, new Set(['bad']))).toEqual({ kind: 'nothing-left' })
  })

  it('refuses what it cannot rewrite safely', () => {
    const zip = makeZip([part('a'), part('b')])
    expect(refusal(zip.bytes, 'nobody')).toBe('member-not-found')
    expect(refusal(Buffer.from('no zip at all, only a text that is long enough'))).toBe('not-a-zip')
    expect(refusal(Buffer.concat([zip.bytes, Buffer.from('after')]))).not.toBe('cured')
    expect(refusal(Buffer.concat([Buffer.from('MZ stub'), zip.bytes]))).not.toBe('cured')
    const multi = Buffer.from(zip.bytes)
    multi.writeUInt16LE(1, multi.length - 18)
    expect(refusal(multi)).toBe('multi-disk')
    const zip64 = Buffer.from(zip.bytes)
    zip64.writeUInt32LE(0xffffffff, zip64.length - 6)
    expect(refusal(zip64)).toBe('zip64')
  })

  it('refuses masked directories, overlapping records and records that disagree with the directory', () => {
    const { bytes } = makeZip([part('a'), part('b')])
    const entries = bytes.indexOf(Buffer.from('PK\x01\x02', 'latin1'))
    const masked = Buffer.from(bytes)
    masked.writeUInt16LE(0x2800, entries + 8)
    expect(refusal(masked)).toBe('encrypted-directory')
    const twice = Buffer.from(bytes)
    const second = bytes.lastIndexOf(Buffer.from('PK\x01\x02', 'latin1'))
    bytes.copy(twice, second, entries, second)
    expect(refusal(twice, 'a')).toBe('overlap')
    const other = Buffer.from(bytes)
    other[30] = 'z'.charCodeAt(0)
    expect(refusal(other)).toBe('records-disagree')
  })

  it('refuses signed archives', () => {
    expect(refusal(makeZip([part('META-INF/MANIFEST.MF'), part('META-INF/X.SF'), part('b')]).bytes)).toBe('signed')
    expect(refusal(makeZip([part('[Content_Types].xml'), part('_xmlsignatures/sig1.xml'), part('b')]).bytes)).toBe(
      'signed',
    )
  })

  it('takes the macro project and its references out of an Office document and nothing else', () => {
    const types =
      '<?xml version="1.0"?><Types><Default Extension="xml" ContentType="x"/>' +
      '<Override PartName="/word/document.xml" ContentType="m"/><Override PartName="/word/vbaData.xml" ContentType="v"/></Types>'
    const rels =
      '<Relationships><Relationship Id="r1" Type="t" Target="styles.xml"/>' +
      '<Relationship Id="r2" Type="vba" Target="vbaProject.bin"/></Relationships>'
    const zip = makeZip([
      part('[Content_Types].xml', types),
      part('word/document.xml'),
      part('word/_rels/document.xml.rels', rels),
      part('word/vbaProject.bin'),
      part('word/vbaData.xml'),
      part('word/_rels/vbaProject.bin.rels'),
      part('word/styles.xml'),
    ])
    const out = cured(zip.bytes, 'word/vbaProject.bin')
    const after = unzipped(out)
    expect([...after.keys()]).toEqual([
      '[Content_Types].xml',
      'word/document.xml',
      'word/_rels/document.xml.rels',
      'word/styles.xml',
    ])
    expect(after.get('[Content_Types].xml')?.toString()).toBe(
      types.replace('<Override PartName="/word/vbaData.xml" ContentType="v"/>', ''),
    )
    expect(after.get('word/_rels/document.xml.rels')?.toString()).toBe(
      '<Relationships><Relationship Id="r1" Type="t" Target="styles.xml"/></Relationships>',
    )
    for (const member of readZipDirectory(out).members) {
      const name = member.rawName.toString()
      if (name === 'word/document.xml' || name === 'word/styles.xml') {
        expect(out.subarray(member.start, member.end)).toEqual(zip.records.get(name))
      }
    }
  })
})
