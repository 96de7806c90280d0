import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../detect/testing/lab.ts'
import type { FileScanResult, Scanner } from '../scanner.ts'
import { makeWithSevenZip } from './testing/archives.ts'
import { compressedFixtures } from './testing/compressed-fixtures.ts'
import { makeCpio } from './testing/cpio.ts'
import { makeRar4 } from './testing/plain-archives.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const scan = (data: Buffer): Promise<FileScanResult> => scanner.scanFile(lab.file('archive', data))
const member = (name: string) => ({ name, data: Buffer.from(`content of ${name}`) })
const bad = { name: 'bad.bin', data: infectedMarker }
const packed = (kind: keyof typeof compressedFixtures): Buffer => Buffer.from(compressedFixtures[kind], 'base64')

/** With other bytes at a place. */
function changed(bytes: Buffer, at: number, hex: string): Buffer {
  const copy = Buffer.from(bytes)
  Buffer.from(hex, 'hex').copy(copy, at)
  return copy
}

describe('an archive of which 7-Zip leaves a part out without calling it an error is not wholly looked at', () => {
  const cpio = makeCpio([member('a'), member('b')])
  const second = makeCpio([member('a')]).length - 124
  const lzh = Buffer.concat([packed('lzh').subarray(0, -1), packed('lzh')])
  const attributes = packed('cab').indexOf('member.bin') - 2
  it.each<[string, Buffer]>([
    ['rar whose first header is damaged', changed(makeRar4(bad), 20, 'ff')],
    ['cpio whose first header is damaged', changed(cpio, 100, 'ffffffff')],
    ['cpio whose second header is damaged', changed(cpio, second, 'ff')],
    ['lzh whose second header is damaged', changed(lzh, packed('lzh').length + 2, 'ff')],
    ['cab that says it holds nothing', changed(packed('cab'), 28, '0000')],
    ['cab with a file that says it is a folder', changed(packed('cab'), attributes, '1000')],
  ])('%s', async (_, data) => {
    expect((await scan(data)).notScanned.map(({ reason }) => reason)).toEqual(['corrupt'])
  })
})

describe('data behind an archive', () => {
  const archives: [string, () => Promise<Buffer> | Buffer][] = [
    ['cpio', () => makeCpio([member('a')])],
    ['rar', () => makeRar4(member('a'))],
    ['7z', () => makeWithSevenZip(['-t7z'], { a: member('a').data })],
  ]
  it.each(archives)('%s: zeros, and what is no archive, are no gap', async (_, make) => {
    const zeros = await scan(Buffer.concat([await make(), Buffer.alloc(700)]))
    expect(missed(zeros)).toEqual([])
    const junk = await scan(Buffer.concat([await make(), Buffer.from('\0\0some text behind it')]))
    expect(missed(junk)).toEqual([])
  })

  it.each(archives)('%s: another archive is opened', async (_, make) => {
    const whole = Buffer.concat([
      await make(),
      Buffer.alloc(40),
      await makeWithSevenZip(['-txz'], { x: makeCpio([bad]) }),
    ])
    const result = await scan(whole)
    expect(found(result)).toEqual([`behind-the-end!content!bad.bin!${infected}`])
    expect(missed(result)).toEqual([])
  })
})
