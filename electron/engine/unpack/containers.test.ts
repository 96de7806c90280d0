import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eicar, found, infectedMarker, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import type { FileScanResult, Scanner } from '../scanner.ts'
import { makeTar, makeWithSevenZip, makeZip } from './testing/archives.ts'
import { compressedFixtures } from './testing/compressed-fixtures.ts'
import { makeCpio } from './testing/cpio.ts'
import { makeOle } from './testing/ole.ts'
import { makeAr, makeIso, makeRar4, makeRar5, makeRpm, makeSzdd, makeXar, makeZstd } from './testing/plain-archives.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
const harmless = Buffer.from('nothing of interest '.repeat(50))
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const scan = (name: string, data: Buffer): Promise<FileScanResult> => scanner.scanFile(lab.file(name, data))

describe('a marked member is found with its path in (8, 11, 13)', () => {
  const member = { 'member.bin': infectedMarker }
  const made: Record<string, () => Promise<Buffer> | Buffer> = {
    'zip stored': () => makeZip([{ name: 'member.bin', data: infectedMarker, method: 0 }]),
    'zip deflated': () => makeZip([{ name: 'member.bin', data: infectedMarker }]),
    'zip with deflate64': () => makeWithSevenZip(['-tzip', '-mm=Deflate64'], { ...member, 'z.txt': harmless }),
    'zip with bzip2': () => makeWithSevenZip(['-tzip', '-mm=BZip2'], { ...member, 'z.txt': harmless }),
    'zip with lzma': () => makeWithSevenZip(['-tzip', '-mm=LZMA'], { ...member, 'z.txt': harmless }),
    'zip behind a program (32)': () =>
      makeZip(
        [{ name: 'member.bin', data: infectedMarker }],
        Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4094, 7)]),
      ),
    tar: () => makeTar([{ name: 'member.bin', data: infectedMarker }]),
    '7z': () => makeWithSevenZip(['-t7z'], member),
    '7z behind a program': async () =>
      Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4094, 7), await makeWithSevenZip(['-t7z'], member)]),
    'cab behind a program': () =>
      Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4094, 7), Buffer.from(compressedFixtures.cab, 'base64')]),
    'squashfs behind a program': () =>
      Buffer.concat([
        Buffer.from('\x7fELF', 'latin1'),
        Buffer.alloc(4092, 7),
        Buffer.from(compressedFixtures.squashfs, 'base64'),
      ]),
    'tar whose first name begins like a picture': () =>
      makeTar([
        { name: 'GIF89a', data: harmless },
        { name: 'member.bin', data: infectedMarker },
      ]),
    'iso that begins like a program': () => {
      const image = makeIso({ name: 'member.bin', data: infectedMarker })
      image.write('MZ')
      return image
    },
    wim: () => makeWithSevenZip(['-twim'], member),
  }
  it.each(Object.keys(made))('%s', async (kind) => {
    const data = await made[kind]?.()
    if (data === undefined) throw new Error('not made')
    const result = await scan('archive', data)
    expect(found(result)).toContain(`member.bin!${infected}`)
    expect(missed(result)).toEqual([])
  })

  it.each([
    ['gz', () => gzipSync(infectedMarker)],
    ['bz2', () => makeWithSevenZip(['-tbzip2'], member)],
    ['xz', () => makeWithSevenZip(['-txz'], member)],
  ])('a single stream: %s', async (ending, make) => {
    expect(found(await scan(`sample.txt.${ending}`, await make()))).toEqual([`sample.txt!${infected}`])
  })

  it('tar.gz, two levels', async () => {
    const result = await scan('all.tgz', gzipSync(makeTar([{ name: 'deep/member.bin', data: infectedMarker }])))
    expect(found(result)).toEqual([`all.tar!deep/member.bin!${infected}`])
    expect(result).toMatchObject({ objects: 3 })
  })

  const plain = { name: 'member.bin', data: infectedMarker }
  it.each<[string, Buffer]>([
    ['ar', makeAr(plain)],
    ['iso', makeIso(plain)],
    ['rar 4', makeRar4(plain)],
    ['rar 5', makeRar5(plain)],
    ['xar', makeXar(plain)],
    ['ole', makeOle([plain])],
    ...(['arj', 'cab', 'lzh', 'squashfs'] as const).map((kind): [string, Buffer] => [
      kind,
      Buffer.from(compressedFixtures[kind], 'base64'),
    ]),
  ])('%s, made by hand or by the usual tool', async (_, data) => {
    const result = await scan('archive', data)
    expect(found(result)).toEqual([`member.bin!${infected}`])
    expect(missed(result)).toEqual([])
  })

  it.each<[string, Buffer]>([
    ['zst, not compressed', makeZstd(infectedMarker)],
    ['szdd', makeSzdd(infectedMarker)],
    ...(['compress', 'lzma', 'lzma4', 'lzmaSmall', 'lz4', 'lz4Legacy', 'zst'] as const).map(
      (kind): [string, Buffer] => [kind, Buffer.from(compressedFixtures[kind], 'base64')],
    ),
  ])('a single stream by hand or by the usual tool: %s', async (_, data) => {
    const result = await scan('sample.txt.end', data)
    expect(found(result)).toEqual([`sample.txt!${infected}`])
    expect(missed(result)).toEqual([])
  })

  it.each<[string, () => Promise<Buffer> | Buffer]>([
    [
      'a 7z behind another one that is broken, both behind a program',
      async () => {
        const real = await makeWithSevenZip(['-t7z'], member)
        const decoy = Buffer.from(real)
        decoy.fill(0x55, 32, 60)
        return Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4094, 7), decoy, real])
      },
    ],
    [
      'a tar behind a script',
      () =>
        Buffer.concat([
          Buffer.from('#!/bin/sh\ntail -n +3 "$0" | tar xz\nexit\n'),
          gzipSync(makeTar([{ name: 'member.bin', data: infectedMarker }])),
        ]),
    ],
  ])('%s', async (_, make) => {
    const [first = ''] = found(await scan('archive', await make()))
    expect(`!${first}`.endsWith(`!member.bin!${infected}`)).toBe(true)
  })

  it('rpm, three levels', async () => {
    const result = await scan('package.rpm', makeRpm(plain))
    expect(found(result).map((text) => text.split('!').slice(-2))).toEqual([['member.bin', infected]])
    expect(missed(result)).toEqual([])
  })
})

describe('nesting', () => {
  const nested = (levels: number): Buffer => {
    let data: Buffer = eicar
    for (let level = 0; level < levels; level += 1)
      data = makeZip([{ name: level === 0 ? 'eicar.com' : `${level}.zip`, data }])
    return data
  }

  it('zip in zip names the whole way (9)', async () => {
    expect(found(await scan('a.zip', nested(2)))).toEqual(['1.zip!eicar.com!EICAR-Test-File'])
  })

  it('17 levels are looked into (10)', async () => {
    const result = await scan('17.zip', nested(17))
    expect(found(result)).toHaveLength(1)
    expect(result).toMatchObject({ object: { coverage: { kind: 'full' } } })
  })

  it('18 levels are reported as not looked into (10)', async () => {
    expect(await scan('18.zip', nested(18))).toMatchObject({
      kind: 'nothing-found',
      coverage: { kind: 'partial', reasons: ['recursion'] },
    })
  })

  it('what was cut off by depth is looked at when it appears again higher up', async () => {
    const inner = nested(2)
    let deep = inner
    for (let level = 0; level < 16; level += 1) deep = makeZip([{ name: 'd', data: deep }])
    const result = await scan(
      'twice.zip',
      makeZip([
        { name: 'deep', data: deep },
        { name: 'high', data: inner },
      ]),
    )
    expect(found(result)).toEqual(['high!1.zip!eicar.com!EICAR-Test-File'])
  })

  it('equal members are looked at once and each is named', async () => {
    const result = await scan(
      'same.zip',
      makeZip([
        { name: 'a', data: infectedMarker },
        { name: 'b', data: infectedMarker },
      ]),
    )
    expect(found(result)).toEqual([`a!${infected}`, `b!${infected}`])
    expect(result).toMatchObject({ object: { container: { format: 'zip', leaves: 2 } } })
  })

  it('a trusted member does not cover the bad one beside it', async () => {
    const known = Buffer.concat([infectedMarker, Buffer.from('known')])
    const rules = readFileSync('resources/databases/seed.yar', 'utf8')
    const trusting = await lab.scanner({ 'a.yar': rules, 'a.sfp': `${sha256(known)}:*:Known\n` })
    const path = lab.file(
      'mixed.zip',
      makeZip([
        { name: 'known', data: known },
        { name: 'bad', data: infectedMarker },
      ]),
    )
    expect(found(await trusting.scanFile(path))).toEqual([`bad!${infected}`])
  })
})

describe('what cannot be decrypted is not called scanned (25)', () => {
  it.each([
    ['zip', ['-tzip', '-psecret'], 'a.txt!encrypted'],
    ['zip with AES', ['-tzip', '-psecret', '-mem=AES256'], 'a.txt!encrypted'],
    ['7z', ['-t7z', '-psecret'], 'a.txt!encrypted'],
  ])('%s', async (_, options, expected) => {
    const result = await scan('locked', await makeWithSevenZip(options, { 'a.txt': infectedMarker }))
    expect(result).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'partial', reasons: ['encrypted'] } })
    expect(missed(result)).toEqual([expected])
  })
})

it('an archive behind a program that cannot be decrypted is a gap too (25)', async () => {
  const locked = await makeWithSevenZip(['-t7z', '-psecret', '-mhe=on'], { 'a.txt': infectedMarker })
  const result = await scan('setup.exe', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(4094, 7), locked]))
  expect(result).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'partial', reasons: ['encrypted'] } })
})

describe('dishonest ZIPs', () => {
  it('a member that only has a local record is found (31)', async () => {
    const data = makeZip([
      { name: 'shown', data: harmless },
      { name: 'hidden', data: infectedMarker, listed: false },
    ])
    expect(found(await scan('hidden.zip', data))).toEqual([`hidden!${infected}`])
  })

  it('more folders than there may be members hide none', async () => {
    const folders = Array.from({ length: 10_001 }, (_, at) => ({
      name: `f${at}/`,
      data: Buffer.alloc(0),
      method: 0 as const,
    }))
    const data = makeZip([...folders, { name: 'a', data: infectedMarker }])
    const result = await scan('folders.zip', data)
    expect(found(result)).toEqual([`a!${infected}`])
    expect(missed(result)).toEqual([])
  })

  it('a directory that calls a plain member encrypted is read both ways', async () => {
    const data = makeZip([{ name: 'plain', data: infectedMarker, method: 0 }])
    data.writeUInt16LE(1, data.lastIndexOf(Buffer.from('504b0102', 'hex')) + 8)
    expect(found(await scan('flag.zip', data))).toEqual([`plain!${infected}`])
  })

  it('a stated size does not cover a member that the directory leaves out', async () => {
    const data = makeZip([
      { name: 'a', data: harmless },
      { name: 'b', data: infectedMarker, listed: false },
    ])
    data.writeUInt32LE(data.length, data.lastIndexOf(Buffer.from('504b0102', 'hex')) + 20)
    expect(found(await scan('cover.zip', data))).toContain(`b!${infected}`)
  })

  it('a directory that states another method is read both ways', async () => {
    const data = makeZip([{ name: 'lied', data: infectedMarker, method: 8, listedMethod: 0 }])
    expect(found(await scan('lied.zip', data))).toEqual([`lied!${infected}`])
  })

  it('a ZIP cut off before its directory is read as far as it goes', async () => {
    const whole = makeZip([
      { name: 'a', data: infectedMarker },
      { name: 'b', data: harmless },
    ])
    const result = await scan('cut.zip', whole.subarray(0, whole.length - 60))
    expect(found(result)).toEqual([`a!${infected}`])
    expect(missed(result)).toContain('truncated')
  })

  it('members that share bytes are reported (29)', async () => {
    const data = makeZip([
      { name: 'a', data: harmless },
      { name: 'b', data: harmless },
    ])
    // The second directory entry points to the first local record.
    const second = data.lastIndexOf(Buffer.from('504b0102', 'hex'))
    data.writeUInt32LE(0, second + 42)
    expect(await scan('overlap.zip', data)).toMatchObject({ coverage: { kind: 'partial', reasons: ['overlapping'] } })
  })

  it('hostile names are shown escaped and nothing is written (30)', async () => {
    const names = ['../../outside', '/absolute', 'a\nb', '\u202egnp.exe', Buffer.from([0x41, 0xff])]
    const data = makeZip(names.map((name) => ({ name, data: infectedMarker, method: 0 as const })))
    const result = await scan('hostile.zip', data)
    expect(found(result)).toHaveLength(5)
    for (const text of found(result)) expect(text).not.toMatch(/[\n\u202e\ufffd]/)
    expect(existsSync(join(lab.dir, '../../outside')) || existsSync('/absolute')).toBe(false)
  })

  it('two members of one name do not hide each other', async () => {
    const data = makeCpio([
      { name: 'same', data: infectedMarker },
      { name: 'same', data: harmless },
    ])
    expect(found(await scan('same.cpio', data))).toEqual([`same!${infected}`])
  })
})

describe('data that is no container', () => {
  it('is not damaged because it looks like one in part', async () => {
    const brotli = brotliCompressSync(harmless)
    const carries = Buffer.concat([
      Buffer.from('\x7fELF', 'latin1'),
      Buffer.alloc(100),
      Buffer.from('7z\xbc\xaf\x27\x1c\0\x04Rar!\x1a\x07\0', 'latin1'),
      Buffer.alloc(100),
      brotli,
    ])
    expect(await scan('reader', carries)).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'full' } })
  })
})
