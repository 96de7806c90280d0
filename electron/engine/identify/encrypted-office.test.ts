import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import { makeZip } from '../unpack/testing/archives.ts'
import { makeOle } from '../unpack/testing/ole.ts'
import { isEncryptedOle } from './encrypted-office.ts'
import { readOle } from './ole.ts'

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, at) => (at * 7919 + 13) % 251))

/** The beginning of a document's information block. */
function word(flags: number, length: number): Buffer {
  const data = noise(length)
  data.writeUInt16LE(0xa5ec, 0)
  data.writeUInt16LE(flags, 10)
  return data
}

/** Records of a workbook, by number. */
function workbook(...records: number[]): Buffer {
  const made = records.map((record) => {
    const data = Buffer.alloc(4 + 16, 0x44)
    data.writeUInt16LE(record, 0)
    data.writeUInt16LE(16, 2)
    return data
  })
  return Buffer.concat(made)
}

function currentUser(token: number): Buffer {
  const data = Buffer.alloc(40)
  data.writeUInt16LE(0x0ff6, 2)
  data.writeUInt32LE(token, 12)
  return data
}

const [begin, write, filePass, codePage, end] = [0x809, 0x86, 0x2f, 0x42, 0x0a]

describe('locked documents are never called wholly looked at', () => {
  it.each([
    [
      'docx',
      [
        { name: 'EncryptionInfo', data: noise(1200) },
        { name: 'EncryptedPackage', data: noise(9000) },
      ],
    ],
    ['docx, small', [{ name: 'EncryptedPackage', data: noise(100) }]],
    ['doc', [{ name: 'WordDocument', data: word(0x0100, 5000) }]],
    ['doc with managed rights', [{ name: '\tDRMContent', data: noise(5000) }]],
    [
      'doc, small',
      [
        { name: 'x', data: noise(200) },
        { name: 'WordDocument', data: word(0x8100, 1000) },
      ],
    ],
    ['xls', [{ name: 'Workbook', data: Buffer.concat([workbook(begin, filePass, codePage), noise(9000)]) }]],
    ['xls of 1995', [{ name: 'Book', data: workbook(begin, write, filePass) }]],
    ['ppt', [{ name: 'Current User', data: currentUser(0xf3d1c4df) }]],
  ])('%s', async (_, streams) => {
    const data = makeOle(streams)
    const result = await scanner.scanFile(lab.file('locked', data))
    expect(result).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'partial', reasons: ['encrypted'] } })
    expect(missed(result)).toEqual(['encrypted'])
    const inside = await scanner.scanFile(lab.file('mail.zip', makeZip([{ name: 'letter', data }])))
    expect(missed(inside)).toEqual(['letter!encrypted'])
  })

  it('odt: the parts are locked, their list says so', async () => {
    const list = (inner: string) =>
      Buffer.from(
        `<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">${inner}</manifest:manifest>`,
      )
    const odt = (inner: string) =>
      makeZip([
        { name: 'mimetype', data: Buffer.from('application/vnd.oasis.opendocument.text'), method: 0 },
        { name: 'content.xml', data: noise(300), method: 0 },
        { name: 'META-INF/manifest.xml', data: list(inner) },
      ])
    const locked = await scanner.scanFile(lab.file('locked.odt', odt('<manifest:encryption-data a="b"/>')))
    expect(missed(locked)).toEqual(['META-INF/manifest.xml!encrypted'])
    const open = await scanner.scanFile(lab.file('open.odt', odt('<manifest:file-entry a="encryption-data"/>')))
    expect(open).toMatchObject({ kind: 'nothing-found', coverage: { kind: 'full' } })
  })
})

describe('documents that are not locked', () => {
  it.each([
    ['doc', [{ name: 'WordDocument', data: word(0x1200, 5000) }]],
    ['xls', [{ name: 'Workbook', data: workbook(begin, write, codePage, end, filePass) }]],
    ['xls with other bytes', [{ name: 'Workbook', data: noise(5000) }]],
    ['ppt', [{ name: 'Current User', data: currentUser(0xe391c05f) }]],
    ['something else', [{ name: 'EncryptedPackage2', data: noise(5000) }]],
  ])('%s', async (_, streams) => {
    expect(await scanner.scanFile(lab.file('open', makeOle(streams)))).toMatchObject({
      kind: 'nothing-found',
      coverage: { kind: 'full' },
    })
  })

  it.each([50, 5000])('their streams are looked into (%i bytes before the marker)', async (before) => {
    const data = makeOle([{ name: 'Macro', data: Buffer.concat([noise(before), infectedMarker]) }])
    expect(found(await scanner.scanFile(lab.file('open.doc', data)))).toEqual(['Macro!RemoteProtection_Test_Infected'])
  })
})

describe('the reader of compound files', () => {
  const streams = [
    { name: 'small', data: noise(300) },
    { name: 'large', data: noise(9000) },
    { name: 'other', data: noise(130).reverse() },
  ]

  it('gives the beginning of every stream, small and large', () => {
    const file = readOle(makeOle(streams))
    expect(file?.streams.map(({ name, size }) => [name, size])).toEqual([
      ['SMALL', 300],
      ['LARGE', 9000],
      ['OTHER', 130],
    ])
    for (const [index, stream] of (file?.streams ?? []).entries())
      expect(file?.head(stream, 5000)).toEqual(streams[index]?.data.subarray(0, 5000))
  })

  it('comes to an end on chains that go in circles, and on every damage', () => {
    const whole = makeOle([...streams, { name: 'WordDocument', data: word(0x0100, 1000) }])
    expect(isEncryptedOle(whole)).toBe(true)
    const circles = Buffer.from(whole)
    for (let at = 512; at < 1024; at += 4) circles.writeUInt32LE(at % 7, at)
    isEncryptedOle(circles)
    for (let at = 0; at < whole.length; at += 1) {
      for (const value of [0, 0x7f, 0xff]) {
        const changed = Buffer.from(whole)
        changed[at] = value
        isEncryptedOle(changed)
      }
      if (at % 16 === 0) isEncryptedOle(whole.subarray(0, at))
    }
  })
})
