import { afterAll, beforeAll, expect, it } from 'vitest'
import { eicar, found, Lab, missed } from '../../detect/testing/lab.ts'
import type { Scanner } from '../../scanner.ts'
import { makeZip } from '../testing/archives.ts'
import { makePkcs7 } from './testing/pkcs7.ts'

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const scan = (bytes: Buffer | string) => scanner.scanFile(lab.file('smime.p7m', bytes))
const lines = (bytes: Buffer): string => bytes.toString('base64').replace(/.{64}/g, '$&\r\n')
const zip = makeZip([{ name: 'bad.com', data: eicar }])

it.each<[string, Buffer | string]>([
  ['signed', makePkcs7(zip)],
  ['signed and written piece by piece', makePkcs7(zip, { open: true })],
  ['compressed', makePkcs7(zip, { compressed: true })],
  ['compressed piece by piece', makePkcs7(zip, { compressed: true, open: true })],
  ['written in letters', `-----BEGIN PKCS7-----\n${lines(makePkcs7(zip))}\n-----END PKCS7-----\n`],
])('what is in a message that anybody can read is looked at: %s', async (_, message) => {
  const result = await scan(message)
  expect(found(result)).toEqual(['message!bad.com!EICAR-Test-File'])
  expect(missed(result)).toEqual([])
})

it('a signed mail is opened, and not called locked', async () => {
  const inner = `Content-Type: a/b; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(zip)}\r\n`
  const head = 'From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/x-pkcs7-mime; name=smime.p7m'
  const mail = `${head}\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(makePkcs7(Buffer.from(inner)))}\r\n`
  const result = await scan(mail)
  expect(found(result)).toEqual(['smime.p7m!message!a.zip!bad.com!EICAR-Test-File'])
  expect(missed(result)).toEqual([])
})

it('a mail around an OpenPGP message is not called looked at', async () => {
  const head = 'From: a@example.org\r\nMIME-Version: 1.0\r\n\r\n'
  expect(missed(await scan(`${head}-----BEGIN PGP MESSAGE-----\r\n\r\nm3niEoFATOQdY9j6\r\n`))).toEqual(['encrypted'])
  expect(missed(await scan(`${head}> -----BEGIN PGP MESSAGE-----\r\nwas in your mail\r\n`))).toEqual([])
})

it('what lies behind a message is looked at too', async () => {
  const behind = makeZip([{ name: 'bad.com', data: eicar }])
  for (const open of [true, false])
    expect(
      found(await scan(Buffer.concat([makePkcs7(Buffer.from('Hello'), { open }), behind, Buffer.alloc(70_000)]))),
    ).toEqual(['behind-the-end!bad.com!EICAR-Test-File'])
})

it('one that was cut is looked at as far as it goes, and said to be cut', async () => {
  for (const form of [{}, { open: true }]) {
    const whole = makePkcs7(Buffer.alloc(2000, 'words '), form)
    for (const length of [30, 60, 500, 1900])
      expect(missed(await scan(whole.subarray(0, length))).join()).toMatch(/truncated$/)
  }
})

it('a signature without what it signs, or around numbers, has nothing in it', async () => {
  expect(missed(await scan(Buffer.from('301a06092a864886f70d010702a00d300b0201013100300406022a03', 'hex')))).toEqual([])
  expect(
    missed(await scan(Buffer.from('302006092a864886f70d010702a01330110201013100300a06022a03a0043002050000', 'hex'))),
  ).toEqual([])
})

it('a message of nothing but beginnings comes to an end', async () => {
  const deep = Buffer.concat([
    makePkcs7(zip, { open: true }).subarray(0, 39),
    Buffer.alloc(4_000_000, Buffer.from('2480', 'hex')),
  ])
  const started = process.cpuUsage()
  expect(missed(await scan(deep)).join()).toContain('truncated')
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(3000)
})
