import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eicar, found, Lab, missed } from '../../detect/testing/lab.ts'
import { identify } from '../../identify/identify.ts'
import type { Scanner } from '../../scanner.ts'
import { mailCure } from '../../treat/cures/mail-cure.ts'
import { cureInput } from '../../treat/testing/cure-input.ts'
import { makeMail, textPart } from '../../treat/testing/mails.ts'
import { makeBabyl, makeEmlx, makeMbx, makeMmdf } from './testing/mailboxes.ts'

const lab = new Lab()
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
})
afterAll(() => lab.dispose())

const scan = (name: string, bytes: Buffer) => scanner.scanFile(lab.file(name, bytes))
const good = makeMail({ parts: [textPart] })
const bad = makeMail({ parts: [textPart, { name: 'evil.com', content: eicar }] })

describe('mails are looked at one by one in the mailboxes of other programs too (11)', () => {
  it.each<[string, Buffer]>([
    ['MMDF', makeMmdf([good, bad])],
    ['UW-IMAP', makeMbx([good, bad])],
    ['Emacs', makeBabyl([good, bad])],
    ['Emacs, with the header as it came', makeBabyl([good, bad], true)],
  ])('%s', async (_, box) => {
    const result = await scan('box', box)
    expect(found(result)).toEqual(['2.eml!evil.com!EICAR-Test-File'])
    expect(missed(result)).toEqual([])
  })

  it('Apple Mail, which keeps one in a file, with facts about it behind', async () => {
    const alone = `Return-Path: <a@b>\r\nContent-Type: a/b; name=evil.com\r\nContent-Transfer-Encoding: base64\r\n\r\n`
    const result = await scan('1.emlx', makeEmlx(Buffer.from(alone + eicar.toString('base64'))))
    expect(found(result)).toEqual(['1.eml!evil.com!EICAR-Test-File'])
    expect(missed(result)).toEqual([])
  })
})

it('a mailbox whose last mail is shorter than it says is said to be cut', async () => {
  for (const box of [makeMbx([good, bad]), makeEmlx(good).subarray(0, good.length - 20)])
    expect(missed(await scan('box', box.subarray(0, box.length - 30))).join()).toMatch(/\.eml!truncated/)
  expect(missed(await scan('box', Buffer.concat([makeMbx([good]), Buffer.from('damaged line\n'), bad])))).toEqual([
    '2.eml!truncated',
  ])
})

it('a list of numbers, or words about these mailboxes, is no mailbox', () => {
  expect(identify(Buffer.from('12\n13\n14\n'))).toBe('text')
  expect(identify(Buffer.from('1234\nFrom: here on the numbers rise\n'))).toBe('text')
  expect(identify(Buffer.from('The file begins with BABYL OPTIONS: or *mbx*\n'))).toBe('text')
})

it.each<[string, Buffer]>([
  ['Outlook', Buffer.concat([Buffer.from('!BDN\0\0\0\0SM\x17\0'), Buffer.alloc(600, 1)])],
  ['Outlook Express', Buffer.concat([Buffer.from('cfad12fec5fd746f', 'hex'), Buffer.alloc(600, 1)])],
  ['Exchange', Buffer.concat([Buffer.from('01020304efcdab8920060000', 'hex'), Buffer.alloc(600, 1)])],
  ['Lotus Notes', Buffer.concat([Buffer.from('1a0000040000', 'hex'), Buffer.alloc(600, 1)])],
])('a store of %s is not called looked at', async (_, store) => {
  expect(missed(await scan('store', store))).toEqual(['unsupported'])
})

it('such a mailbox is never rewritten', () => {
  for (const box of [makeMmdf([good, bad]), makeMbx([good, bad]), makeBabyl([good, bad]), makeEmlx(bad)])
    expect(mailCure.cure(cureInput(box, { members: [['2.eml', 'evil.com']] }))).toEqual({
      kind: 'no-cure',
      reason: 'other-mailbox',
    })
})

it('mailboxes of nothing but marks come to an end', async () => {
  const started = process.cpuUsage()
  for (const mark of ['\x01\x01\x01\x01\n', 'BABYL OPTIONS:\n\x1f\x0c\n0,,\n*** EOOH ***\n'])
    await scan('box', Buffer.from(mark.repeat(200_000), 'latin1'))
  await scan('box', Buffer.from(`*mbx*\r\n${' 1-Jan-2022 00:00:00 +0000,0;0-1\r\n'.repeat(200_000)}`))
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(10_000)
})
