// Contents that come in pieces: their digests are those that signatures ask for, their patterns are found wherever they lie.
import { createHash } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { limitsWith } from '../limits/limits.ts'
import { createScanner } from '../scanner.ts'
import { makeTar } from '../unpack/testing/archives.ts'
import { createReadBuffer } from '../walk/read-buffer.ts'
import { Detectors } from './detectors.ts'
import { createPatternEngine } from './pattern-backends.ts'
import { found, Lab, missed, sha256 } from './testing/lab.ts'
import { program } from './testing/program.ts'
import { WindowScan } from './window-scan.ts'

const lab = new Lab()
afterAll(() => lab.dispose())

const content = Buffer.concat(Array.from({ length: 200 }, (_, at) => createHash('sha512').update(`${at}`).digest()))
const hex = (algorithm: string) => createHash(algorithm).update(content).digest('hex')
const large = { wholeFileBytes: 1000, windowBytes: 700, windowOverlapBytes: 100 }

describe('a large file is found by', () => {
  it.each([
    ['MD5 and size', 'a.hdb', `${hex('md5')}:${content.length}:Known.Bad`],
    ['MD5 and any size', 'a.hsb', `${hex('md5')}:*:Known.Bad:73`],
    ['SHA-1', 'a.hsb', `${hex('sha1')}:${content.length}:Known.Bad`],
    ['SHA-256', 'a.hsb', `${hex('sha256')}:${content.length}:Known.Bad`],
  ])('%s', async (_, file, line) => {
    const scanner = await lab.scanner({ [file]: `${line}\n` }, large)
    expect(found(await scanner.scanFile(lab.file('large', content)))).toEqual(['Known.Bad'])
    expect(found(await scanner.scanFile(lab.file('larger', Buffer.concat([content, content]))))).toEqual([])
  })

  it('a pattern at any place', async () => {
    const rule = 'rule Any { strings: $a = "here it is" condition: $a }'
    const scanner = await lab.scanner({ 'a.yar': rule }, large)
    for (let at = 0; at < 1700; at += 83) {
      const data = Buffer.concat([content.subarray(0, at), Buffer.from('here it is'), content.subarray(at)])
      expect(found(await scanner.scanFile(lab.file('large', data)))).toHaveLength(1)
    }
  })
})

describe('of a program that is too large for memory', () => {
  const [text, data] = [content.subarray(0, 3000), content.subarray(3000, 7000)]
  const files = {
    'a.mdb': `${data.length}:${createHash('md5').update(data).digest('hex')}:Test.Section\n`,
  }

  it('sections are found as in a small one', async () => {
    const scanner = await lab.scanner(files, large)
    expect(found(await scanner.scanFile(lab.file('large.exe', program([text, data]))))).toEqual(['Test.Section'])
    const other = await scanner.scanFile(lab.file('other.exe', program([text, text])))
    expect(other).toMatchObject({ kind: 'nothing-found', notScanned: [] })
  })

  it('that is a member, it is told that its sections were not asked about', async () => {
    const scanner = await lab.scanner(files, { ...large, memberBytes: 1000 })
    const result = await scanner.scanFile(lab.file('a.tar', makeTar([{ name: 'a.exe', data: program([text, data]) }])))
    expect(missed(result)).toEqual(['a.exe!too-big'])
  })
})

describe('a rule that asks about the whole of a large file', () => {
  const small = 'strings: $a = "here it is" condition: $a and filesize < 1KB'
  const rules = {
    'a.yar': `rule Mal_Small { meta: verdict = "infected" ${small} } rule Mal_Any { meta: verdict = "infected" strings: $a = "here it is" condition: $a }`,
  }
  const data = Buffer.concat([content, Buffer.from('here it is')])

  it('raises a suspicion only, for it was asked about a part', async () => {
    const scanner = await lab.scanner(rules, large)
    const result = await scanner.scanFile(lab.file('large', data))
    if (result.kind !== 'detected') throw new Error(result.kind)
    expect(result.object.findings.map(({ threat, verdict }) => [threat, verdict]).sort()).toEqual([
      ['Mal_Any', 'infected'],
      ['Mal_Small', 'probably-infected'],
    ])
  })

  it('says what it says of a small one, also when that comes in pieces', async () => {
    const scanner = await lab.scanner(rules, { ...large, memberBytes: 100 })
    const tar = makeTar([{ name: 'a', data: data.subarray(-200) }])
    const result = await scanner.scanFile(lab.file('small.tar', Buffer.concat([tar, Buffer.alloc(2000)])))
    if (result.kind !== 'detected') throw new Error(result.kind)
    expect(result.object.findings).toContainEqual(
      expect.objectContaining({ member: ['a'], threat: 'Mal_Small', verdict: 'infected' }),
    )
  })
})

describe('digests', () => {
  const digestsOf = async (line: string, size: number | null) => {
    const detectors = new Detectors(await lab.databases({ 'a.hdb': line }), null)
    const hash = detectors.hashInPieces(size)
    for (let at = 0; at < content.length; at += 999) hash.update(content.subarray(at, at + 999))
    return hash.digests()
  }

  it('that no signature of this size asks for are not taken', async () => {
    const line = `${hex('md5')}:${content.length}:Known.Bad\n`
    expect(Object.keys(await digestsOf(line, content.length + 1))).toEqual(['sha256'])
    expect((await digestsOf(line, content.length)).md5?.toString('hex')).toBe(hex('md5'))
  })

  it('are taken when nobody knows the size', async () => {
    expect((await digestsOf(`${hex('md5')}:12:Other\n`, null)).md5?.toString('hex')).toBe(hex('md5'))
  })
})

it('what is trusted is trusted when it is large, with all that is in it', async () => {
  const tar = makeTar([{ name: 'a', data: content }])
  const files = { 'a.hdb': `${hex('md5')}:${content.length}:Known.Bad\n`, 'a.sfp': `${sha256(tar)}:*:Trusted\n` }
  const scanner = await lab.scanner(files, large)
  expect(await scanner.scanFile(lab.file('a.tar', tar))).toMatchObject({ kind: 'nothing-found', notScanned: [] })
  expect(found(await scanner.scanFile(lab.file('b.tar', Buffer.concat([tar, tar]))))).toEqual(
    Array(2).fill('a!Known.Bad'),
  )
})

it('a file that changes while its members are looked at has no verdict', async () => {
  const path = lab.file('changing.tar', makeTar([{ name: 'a', data: content }]))
  const secondEngine = {
    version: null,
    ask: async () => {
      appendFileSync(path, 'more')
      return { kind: 'nothing-found' } as const
    },
    dispose: () => {},
  }
  const scanner = await createScanner(await lab.databases({ 'a.hdb': `${hex('md5')}:12:Other\n` }), {
    limits: large,
    secondEngine,
  })
  expect(await scanner.scanFile(path)).toMatchObject({ kind: 'not-scanned', reason: 'changed' })
  scanner.dispose()
})

it('after matching was given up there are still digests', async () => {
  const rule = 'rule Any { strings: $a = "here it is" condition: $a }'
  const databases = await lab.databases({ 'a.yar': rule })
  const limits = limitsWith(large)
  const patterns = await createPatternEngine(databases.rules, { timeoutMs: 1000, maxMatches: 64 })
  const detectors = new Detectors(databases, patterns)
  const subject = { name: Buffer.from('a'), path: '/a', size: null, format: 'data' } as const
  const windows = new WindowScan({ detectors, limits, memory: createReadBuffer(1 << 20) }, subject)
  windows.push(content.subarray(0, 5000))
  windows.stopMatching('time-limit')
  windows.push(Buffer.from('here it is'))
  windows.push(content.subarray(5000))
  windows.close()
  windows.hashOnly(content)
  expect([...windows.problems]).toEqual(['time-limit'])
  expect(windows.hasMatches).toBe(false)
  const all = Buffer.concat([content.subarray(0, 5000), Buffer.from('here it is'), content.subarray(5000), content])
  expect(windows.digests().sha256.toString('hex')).toBe(sha256(all))
  detectors.dispose()
})
