import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eicar, found, infectedMarker, Lab, missed } from '../../detect/testing/lab.ts'
import type { Scanner } from '../../scanner.ts'
import { makeZip } from '../testing/archives.ts'
import { makeBinhex, makeTnef, uuencoded } from './testing/encoded.ts'

const lab = new Lab()
const infected = 'RemoteProtection_Test_Infected'
const base64 = infectedMarker.toString('base64').replace(/.{60}/g, '$&\r\n')
const head = 'From: a@example.org\r\nTo: b@example.org\r\nSubject: hello\r\nMIME-Version: 1.0\r\n'
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner({ 'a.yar': markerRule() })
})
afterAll(() => lab.dispose())

/** Matches the marker alone: encoded it does not look like itself. */
function markerRule(): string {
  const text = infectedMarker.toString('latin1').slice(0, 40).replace(/[\\"]/g, '\\$&')
  return `rule ${infected} { meta: verdict = "infected" strings: $a = "${text}" condition: $a }`
}

const scan = (name: string, text: string | Buffer) => scanner.scanFile(lab.file(name, text))
const attachment = (fields: string, body: string) => `${fields}\r\n\r\n${body}\r\n`
const asBase64 = 'Content-Type: application/octet-stream; name="evil.bin"\r\nContent-Transfer-Encoding: base64'

function multipart(boundary: string, ...parts: string[]): string {
  const body = parts.map((part) => `--${boundary}\r\n${part}`).join('')
  return `${head}Content-Type: multipart/mixed; boundary="${boundary}"\r\n\r\nFor old programs.\r\n${body}--${boundary}--\r\n`
}

const text = attachment('Content-Type: text/plain', 'Hello,\r\nhere it is.')

describe('what a mail carries is found with its path (11)', () => {
  it.each<[string, string, string]>([
    ['base64', multipart('b1', text, attachment(asBase64, base64)), 'evil.bin'],
    [
      'a name in pieces and another alphabet',
      multipart(
        'b1',
        attachment(
          'Content-Type: x/y\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n filename*0*=utf-8\'\'evil%20;\r\n filename*1="one.bin"',
          base64,
        ),
      ),
      'evil one.bin',
    ],
    [
      'an encoded name',
      multipart(
        'b1',
        attachment('Content-Type: x/y; name="=?utf-8?B?ZXZpbC5iaW4=?="\r\nContent-Transfer-Encoding: base64', base64),
      ),
      'evil.bin',
    ],
    [
      'quoted-printable',
      multipart(
        'b1',
        attachment(
          'Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable',
          quotedPrintable(infectedMarker),
        ),
      ),
      'part-2.html',
    ],
    ['no parts, only base64', `${head}${asBase64}\r\n\r\n${base64}`, 'evil.bin'],
    [
      'a part in a part',
      multipart(
        'outer',
        attachment(
          'Content-Type: multipart/mixed; boundary=inner',
          `--inner\r\n${attachment(asBase64, base64)}--inner--`,
        ),
      ),
      'evil.bin',
    ],
    [
      'a mail in a mail',
      multipart('outer', attachment('Content-Type: message/rfc822', multipart('inner', attachment(asBase64, base64)))),
      'evil.bin',
    ],
    [
      'a name only',
      multipart(
        'b1',
        attachment('Content-Type: text/plain; name=evil.txt', 'x\r\n'.repeat(3)),
        attachment(asBase64, base64),
      ),
      'evil.bin',
    ],
    ['uuencode', `${head}\r\nHello\r\n${uuencoded('evil.bin', infectedMarker)}`, 'evil.bin'],
  ])('%s', async (_, mail, member) => {
    const result = await scan('mail.eml', mail)
    expect(found(result)).toContain(`${member}!${infected}`)
    expect(missed(result)).toEqual([])
  })

  it('an archive in a mail is opened too', async () => {
    const zip = makeZip([{ name: 'inner.bin', data: infectedMarker }]).toString('base64')
    expect(found(await scan('mail.eml', multipart('b', attachment(asBase64, zip))))).toEqual([
      `evil.bin!inner.bin!${infected}`,
    ])
  })

  it('every mail of a mailbox is a member of its own', async () => {
    const mails = [text, attachment(asBase64, base64)].map(
      (part) => `From a@example.org Mon Jan  5 10:00:00 2026\n${multipart('b', part)}\n`,
    )
    expect(found(await scan('mbox', mails.join('')))).toEqual([`2.eml!evil.bin!${infected}`])
  })

  it('pages, uuencode, BinHex and winmail.dat', async () => {
    const page = `<html><body><a href="data:application/x-thing;base64,${infectedMarker.toString('base64')}">x</a>`
    expect(found(await scan('page.html', page))).toEqual([`data-1.xthing!${infected}`])
    const percent = [...infectedMarker].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
    expect(found(await scan('page.svg', `<svg><image href='data:,${percent}'/></svg>`))).toEqual([`data-1!${infected}`])
    expect(found(await scan('x.uue', uuencoded('evil.bin', infectedMarker)))).toEqual([`evil.bin!${infected}`])
    expect(found(await scan('x.hqx', makeBinhex('evil.bin', infectedMarker)))).toEqual([`evil.bin!${infected}`])
    expect(found(await scan('winmail.dat', makeTnef('evil.bin', infectedMarker)))).toEqual([`evil.bin!${infected}`])
  })
})

describe('careless mails are read like careless programs read them (33)', () => {
  it.each<[string, string]>([
    [
      'a boundary that is not declared',
      multipart('b1', attachment(asBase64, base64)).replace('boundary="b1"', 'charset=x'),
    ],
    [
      'another boundary than the declared one',
      multipart('b1', attachment(asBase64, base64)).replace('boundary="b1"', 'boundary="b2"'),
    ],
    ['no end mark', multipart('b1', text, attachment(asBase64, base64)).replace('--b1--', '')],
    ['base64 with junk in it', multipart('b1', attachment(asBase64, base64.replace(/.{7}/g, '$&!*\t~')))],
    [
      'base64 that no header announces',
      `${head}\r\nsee below\r\n${infectedMarker.toString('base64').repeat(1).padEnd(400, 'A').replace(/.{60}/g, '$&\r\n')}`,
    ],
    ['headers that end without an empty line', `${head}${asBase64}\r\n${base64}`],
    ['text behind the end', `${multipart('b1', text)}\r\n--b1\r\n${attachment(asBase64, base64)}`],
  ])('%s', async (_, mail) => {
    expect(found(await scan('mail.eml', mail)).join()).toContain(infected)
  })

  it.each<[string, (mail: string) => string]>([
    ['lines that end with a carriage return alone', (mail) => mail.replaceAll('\r\n', '\r')],
    ['a mailbox of such lines', (mail) => `From a@b Mon Jan  5 10:00:00 2026\r\n${mail}`.replaceAll('\r\n', '\r')],
    ['line ends of three characters', (mail) => mail.replaceAll('\r\n', '\r\r\n')],
    ['a comment before the boundary', (mail) => mail.replace('; boundary', '; (a (nested\\) ") one) boundary')],
    ['a comment right at the boundary', (mail) => mail.replace('boundary="b1"', 'boundary=(c)"b1"')],
    ['a boundary with what looks like a comment', (mail) => mail.replace('"b1"', 'b(1)').replaceAll('--b1', '--b(1)')],
    [
      'a boundary that the second of two fields declares',
      (mail) => mail.replace(/(?=Content-Type: m)/, 'Content-Type: a/b\r\n'),
    ],
    ['a comment before the encoding', (mail) => mail.replace(': base64', ': (x) base64')],
    ['another word for the encoding', (mail) => mail.replace(': base64', ': b64')],
    ['two encodings', (mail) => mail.replace(/(?=Content-Transfer)/, 'Content-Transfer-Encoding: 7bit\r\n')],
    ['a boundary that is not declared', (mail) => mail.replace('; boundary="b1"', '')],
  ])('all of a file and nothing else comes out of a mail with %s', async (_, change) => {
    const part = attachment(asBase64, eicar.toString('base64').replace(/.{76}/, '$&\r\n'))
    const mail = change(multipart('b1', text, part))
    const result = await scan('mail.eml', Buffer.from(mail, 'latin1'))
    expect(found(result)).toEqual([expect.stringMatching(/evil\.bin!EICAR-Test-File$/)])
    expect(missed(result)).toEqual([])
  })

  it('a mail that ends before its last boundary is looked at, and said to be cut', async () => {
    const whole = multipart('b1', text, attachment(asBase64, base64))
    expect(missed(await scan('mail.eml', whole.slice(0, Math.floor((whole.length * 11) / 12))))).toEqual(['truncated'])
    // What is quoted in it, or lies in it, need not end.
    const inner = `--inner\r\n${attachment(asBase64, base64)}`
    const parts = multipart('outer', attachment('Content-Type: multipart/mixed; boundary=inner', inner))
    expect(missed(await scan('mail.eml', parts))).toEqual([])
    expect(missed(await scan('mail.eml', `${head}\r\nYour mail:\r\n\r\n${whole.slice(0, 400)}`))).toEqual([])
  })

  it('a uuencoded file without its end is looked at, and said to be cut', async () => {
    const cut = uuencoded('evil.bin', infectedMarker).replace(/`?\r?\nend\r?\n$/, '')
    const result = await scan('mbox', `From a@example.org Mon Jan  5 10:00:00 2026\nSubject: x\n\n${cut}`)
    expect(found(result)).toEqual([`evil.bin!${infected}`])
    expect(missed(result)).toEqual(['evil.bin!truncated'])
  })
})

it('words about uuencode and BinHex are no damaged files', async () => {
  const words = [
    'begin 644 a\nis how such a file begins\n',
    'x = `(This file must be converted with BinHex 4.0)\\r\\n\\r\\n:$text:`\n',
    `(This file must be converted with BinHex 4.0)\n\n:${'"#$'.repeat(40)}:\n`,
  ]
  for (const text of words) {
    const result = await scan('words', text)
    expect([found(result), missed(result), result.objects]).toEqual([[], [], 1])
  }
  const late = `${'some words\n'.repeat(1000)}${makeBinhex('evil.bin', infectedMarker)}`
  expect(found(await scan('late.txt', late))).toEqual([`evil.bin!${infected}`])
})

it('a locked mail is not called looked at', async () => {
  const mail = `${head}Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB`
  expect(missed(await scan('mail.eml', mail))).toEqual(['encrypted'])
})

it('a mail of very many parts comes to an end, and says that it was not read to it', async () => {
  const part = '--b\r\nContent-Type: text/plain; name=x\r\n\r\nx\r\n'
  const started = performance.now()
  const result = await scan(
    'mail.eml',
    `${head}Content-Type: multipart/mixed; boundary=b\r\n\r\n${part.repeat(30_000)}`,
  )
  expect(missed(result)).toEqual(['member-count'])
  expect(performance.now() - started).toBeLessThan(5000)
})

it('damaged ones never throw, hang or grow', async () => {
  const samples = [
    Buffer.from(
      multipart(
        'b1',
        text,
        attachment(asBase64, base64),
        attachment('Content-Transfer-Encoding: quoted-printable', 'a=3D=\r\nb'),
      ),
    ),
    Buffer.from(`${head}\r\n${uuencoded('x', infectedMarker)}`),
    Buffer.from(makeBinhex('x', infectedMarker)),
    makeTnef('x', infectedMarker),
    Buffer.from(`<html><img src="data:image/png;base64,${base64}">`),
  ]
  let state = 7
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
  for (const sample of samples) {
    for (let round = 0; round < 150; round += 1) {
      const damaged = Buffer.from(sample)
      for (let change = 0; change < 1 + next(8); change += 1) damaged[next(damaged.length)] = next(256)
      const cut = damaged.subarray(0, next(4) === 0 ? next(damaged.length) : damaged.length)
      const result = await scanner.scanBuffer(cut, 'sample')
      expect(result.bytes).toBeLessThan(sample.length * 8)
    }
  }
})

function quotedPrintable(bytes: Buffer): string {
  return [...bytes]
    .map((byte, at) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}${at % 20 === 19 ? '=\r\n' : ''}`)
    .join('')
}
