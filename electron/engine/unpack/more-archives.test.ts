// Images and files of rarer kinds are opened like any other archive, and archives that lost their marks are not called looked at.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import { identify } from '../identify/identify.ts'
import type { Scanner } from '../scanner.ts'
import { makeZip } from './testing/archives.ts'
import { makeFat } from './testing/fat.ts'
import { makeAsar, makeCramfs, makeFlash, makeIntelHex, makeRawDisc } from './testing/more-archives.ts'
import { makeIso } from './testing/plain-archives.ts'

const lab = new Lab()
const marked = Buffer.concat([infectedMarker, Buffer.from('of this test only')])
const member = { name: 'MEMBER.BIN', data: marked }
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner({ 'one.hsb': `${sha256(marked)}:${marked.length}:Known\n` })
})
afterAll(() => lab.dispose())

const scan = (data: Buffer, name = 'a.img') => scanner.scanFile(lab.file(name, data))
const threats = async (data: Buffer) => found(await scan(data)).map((each) => each.replace(/.*!/, ''))

/** Without the mark in the end of its first sector, or without the name of its kind. */
function bareFat(what: 'mark' | 'name'): Buffer {
  const image = makeFat('MEMBER  BIN', marked)
  if (what === 'mark') image.fill(0, 510, 512)
  else image.fill(0x20, 54, 62)
  return image
}

describe('the marked content is found in', () => {
  it.each<[string, Buffer]>([
    ['a compressed file system (cramfs)', makeCramfs('member.bin', marked)],
    [
      'an archive of Electron',
      makeAsar([
        { name: 'a.js', data: Buffer.from('1') },
        { ...member, name: 'a/b/c' },
      ]),
    ],
    ['Intel HEX', makeIntelHex(marked)],
    ['an archive in Intel HEX', makeIntelHex(makeZip([member]))],
    ['an archive in a packed film', makeFlash(makeZip([member]))],
    ['a copy of a disc with whole sectors', makeRawDisc(makeIso(member), 1)],
    ['a copy of a disc with whole sectors of another kind', makeRawDisc(makeIso(member), 2)],
    ['a FAT file system without its name', bareFat('name')],
  ])('%s', async (_, data) => {
    expect(await threats(data)).toContain('Known')
    expect(missed(await scan(data))).toEqual([])
  })
})

it('a FAT file system without its mark, which 7-Zip does not read, is not called looked at', async () => {
  expect(missed(await scan(bareFat('mark')))).toEqual(['corrupt'])
})

it('an archive of Electron that was cut, or whose list lies, says so', async () => {
  const asar = makeAsar([member, { ...member, name: 'z' }])
  expect(missed(await scan(asar.subarray(0, -3)))).toEqual(['z!truncated'])
  const lying = Buffer.from(asar.toString('latin1').replace('"offset":"0"', '"offset":"x"'), 'latin1')
  expect(missed(await scan(lying))).toEqual(['MEMBER.BIN!corrupt'])
  expect(missed(await scan(Buffer.from(asar.toString('latin1').replace('{"files', '{}files'), 'latin1')))).toEqual([
    'corrupt',
  ])
})

it('a copy of a disc that was cut says so', async () => {
  expect(missed(await scan(makeRawDisc(makeIso(member), 1).subarray(0, -100)))).toEqual(['a!truncated'])
})

it.each<[string, string]>([
  ['Parallels', '576974686f7574467265655370616365'],
  ['QEMU, enhanced', '5145440000000100'],
])('a disk of %s is told as not opened', async (_, mark) => {
  expect(missed(await scan(Buffer.concat([Buffer.from(mark, 'hex'), Buffer.alloc(4000)])))).toEqual(['unsupported'])
})

it('a ZIP whose directory is there, but nothing that it names, is damaged', async () => {
  const zip = Buffer.from(makeZip([member]))
  zip.write('XXXX')
  expect(missed(await scan(zip, 'a.zip'))).toEqual(['corrupt'])
})

it.each<[string, Buffer]>([
  ['a line that begins like Intel HEX', Buffer.from(':0000000102\n')],
  ['words about CWS', Buffer.from('CWS is how packed films begin, and this is none of them')],
  ['a sector that is alone', makeRawDisc(makeIso(member), 1).subarray(0, 2352)],
  ['a boot sector without numbers', Buffer.concat([Buffer.from('eb3c90', 'hex'), Buffer.alloc(4000)])],
])('%s is none', (_, data) => {
  expect(['text', 'data']).toContain(identify(data))
})
