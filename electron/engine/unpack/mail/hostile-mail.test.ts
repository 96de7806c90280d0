import { afterAll, beforeAll, expect, it } from 'vitest'
import { found, infectedMarker, Lab, missed } from '../../detect/testing/lab.ts'
import type { Scanner } from '../../scanner.ts'
import { makeBinhex, makeTnef, uuencoded } from './testing/encoded.ts'

const lab = new Lab()
const head = 'From: a@example.org\r\nSubject: hello\r\nMIME-Version: 1.0\r\n'
let scanner: Scanner
let hasty: Scanner
beforeAll(async () => {
  scanner = await lab.scanner()
  hasty = await lab.scanner(undefined, { timeMs: 1000 })
})
afterAll(() => lab.dispose())

/** Reasons and processor time; a busy machine must not fail a test. */
async function cost(text: string, by = scanner): Promise<{ reasons: string[]; ms: number; bytes: number }> {
  const started = process.cpuUsage()
  const result = await by.scanFile(lab.file('hostile', Buffer.from(text, 'latin1')))
  const { user, system } = process.cpuUsage(started)
  return { reasons: missed(result), ms: (user + system) / 1000, bytes: result.bytes - text.length }
}

it.each<[string, string]>([
  ['beginnings of files that are none', `${head}\r\n${'begin 644 a\n'.repeat(100_000)}`],
  ['the same in a text', 'begin 644 a\n'.repeat(100_000)],
  ['addresses of nothing', `<html>${'data:;base64,"'.repeat(400_000)}`],
  ['lines that are empty', `begin 644 a\n${'\n\n?=\n'.repeat(1_000_000)}`],
])('%s end within the time', async (_, text) => {
  const { reasons, ms } = await cost(text, hasty)
  if (ms > 1500) expect(reasons.join()).toContain('time-limit')
  expect(ms).toBeLessThan(5000)
})

it('a million lines of base64 that no header announces are decoded', async () => {
  const { reasons, bytes } = await cost(`${head}\r\n${`${'QUJD'.repeat(15)}\n`.repeat(1_000_000)}`)
  expect(reasons).toEqual([])
  expect(bytes).toBe(45_000_000)
}, 60_000)

it('base64 of nothing but padding takes no more than its own room', async () => {
  const before = process.resourceUsage().maxRSS
  await cost(`${head}Content-Transfer-Encoding: base64\r\n\r\n${'='.repeat(20_000_000)}`)
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(250)
})

it('a mailbox of very many mails is opened one by one', async () => {
  const { reasons } = await cost(`From a\nSubject: x\n${'\n\nFrom b\n'.repeat(1_000_000)}`)
  expect(reasons).toEqual(['member-count'])
})

it('BinHex of nothing but repetitions of nothing is small', async () => {
  const marks = Buffer.alloc(300_000, Buffer.from([0x90]))
  const { reasons, bytes } = await cost(makeBinhex('a', marks))
  expect(reasons).toEqual([])
  expect(bytes).toBe(marks.length)
})

it('an empty line in uuencode neither adds anything nor ends it', async () => {
  const [first = '', ...rest] = uuencoded('bad.bin', Buffer.concat([infectedMarker, Buffer.alloc(50)])).split('\n')
  const text = [first, '', ...rest.slice(0, 1), '\r', ...rest.slice(1)].join('\n')
  const result = await scanner.scanFile(lab.file('x.uue', text))
  expect(found(result)).toEqual(['bad.bin!RemoteProtection_Test_Infected'])
  expect(missed(result)).toEqual([])
})

it('a cover of Outlook that is damaged or cut is not wholly looked at', async () => {
  const whole = makeTnef('bad.bin', infectedMarker)
  const damaged = Buffer.from(whole)
  damaged[6] = 7
  const reasons = async (data: Buffer) => missed(await scanner.scanFile(lab.file('winmail.dat', data)))
  expect(await reasons(whole)).toEqual([])
  expect(await reasons(damaged)).toEqual(['corrupt'])
  expect(await reasons(Buffer.concat([whole, Buffer.from([2, 0, 0])]))).toEqual(['truncated'])
})
