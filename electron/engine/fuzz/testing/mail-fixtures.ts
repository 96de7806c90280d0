// The mails, mailboxes and texts that the engine looks into, each around the infected marker where it can carry one.
// Made in memory and the same every time; never written to a disk by this module.
import { infectedMarker } from '../../detect/testing/lab.ts'
import { makeActiveMime, makeBinhex, makeTnef, uuencoded } from '../../unpack/mail/testing/encoded.ts'
import { makeBabyl, makeEmlx, makeMbx, makeMmdf } from '../../unpack/mail/testing/mailboxes.ts'
import { makePkcs7 } from '../../unpack/mail/testing/pkcs7.ts'
import { makeZip } from '../../unpack/testing/archives.ts'
import { type Fixture, tokensOf } from './fixture.ts'

const base64 = infectedMarker.toString('base64').replace(/.{60}/g, '$&\r\n')

const mailWords = tokensOf(
  ...['\r\n', '\n', '--b1', '--b1--', '--', 'Content-Type: ', 'multipart/mixed; boundary=', 'message/rfc822', 'base64'],
  ...['Content-Transfer-Encoding: ', 'quoted-printable', 'name*0*=', '=?utf-8?B?', '?=', '=', '=\r\n', 'From ', '"'],
  ...['begin 644 a\n', 'begin-base64 644 a\n', '====', 'end\n', '`\n', ';', ':', '\n\nFrom ', 'filename='],
)
const literalWords = tokensOf(
  ...['UEsDB', 'TVqQAAM', 'H4sI', '" + "', '\\n', '\\/', '\n ', '<w:binData>', '<pkg:binaryData ', '>', '&#10;', "','"],
  ...['BEGIN:VCARD\n', 'ATTACH;ENCODING=BASE64:', ';', '=', '"'],
)
const boxWords = tokensOf(
  ...['0x01010101', '0x1f0c', '\x1f', '*** EOOH ***\n', '\n', '*mbx*\r\n', '1,,\n', 'BABYL OPTIONS:', '99999999 \n'],
  ' 5-Jan-2026 10:00:00 +0000,9;0-1\r\n',
)
const berWords = tokensOf(
  ...[
    '0x0000',
    '0x2480',
    '0x3080',
    '0xa080',
    '0x0484ffffffff',
    '0x0480',
    '0x3186ffffffffffff',
    '0x06092a864886f70d010702',
  ],
  '-----BEGIN PKCS7-----\n',
)
const pageWords = tokensOf(
  'data:',
  'data:;base64,',
  'data:a/b;base64,',
  ',',
  '"',
  '%41',
  '%',
  '<html>',
  '<script>',
  ')',
)

/** All of them. */
export function mailFixtures(): Fixture[] {
  return [...mails(), ...texts()]
}

function mails(): Fixture[] {
  const head = 'From: a@example.org\r\nTo: b@example.org\r\nSubject: hello\r\nMIME-Version: 1.0\r\n'
  const part = `Content-Type: x/y; name="bad.bin"\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n`
  const quoted =
    'Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n<p>=7b=\r\n=7B words=20</p>\r\n'
  const parts = (boundary: string): string =>
    `${head}Content-Type: multipart/mixed; boundary="b1"\r\n\r\nx\r\n--${boundary}\r\n${part}--${boundary}\r\n${quoted}--${boundary}--\r\n`
  const inner = `${head}Content-Type: multipart/mixed; boundary=b2\r\n\r\n--b2\r\nContent-Type: message/rfc822\r\n\r\n${parts('b1')}--b2--\r\n`
  const zip = makeZip([{ name: 'bad.bin', data: infectedMarker }])
    .toString('base64')
    .replace(/.{60}/g, '$&\r\n')
  const box = [parts('b1'), `${head}\r\n${uuencoded('bad.bin', infectedMarker)}`].map(
    (mail) => `From a@example.org Mon Jan  5 10:00:00 2026\n${mail}\n\n`,
  )
  const mail = (name: string, text: string): Fixture => ({
    name: `mail-${name}`,
    group: 'mail',
    bytes: Buffer.from(text, 'latin1'),
    tokens: mailWords,
  })
  return [
    mail('parts', parts('b1')),
    mail('odd-boundary', parts('other')),
    mail('nested', inner),
    mail('returns', box.join('').replace(/\r?\n/g, '\r')),
    mail('comments', parts('b1').replace('; boundary=', '; (a (b) \\) ") boundary=')),
    mail('zip', parts('b1').replace(base64, zip)),
    mail('box', box.join('')),
    mail('loose', `${head}\r\nsee\r\n${`${'QUJD'.repeat(15)}\r\n`.repeat(3)}`),
    mail('pieces', `${head}Content-Type: x/y; name*0*=utf-8''a%20; name*1="b c"\r\nX: =?utf-8?Q?a=41?=\r\n\r\nx\r\n`),
  ]
}

function texts(): Fixture[] {
  const boxed = ['hello', uuencoded('bad.bin', infectedMarker)].map((words) =>
    Buffer.from(`From: a@example.org\r\nSubject: hello\r\n\r\n${words}\r\n`),
  )
  const page = `<html><body><a href="data:application/x-a;base64,${infectedMarker.toString('base64')}">x</a><img src='data:,%41'>`
  const zip = makeZip([{ name: 'bad.bin', data: infectedMarker }]).toString('base64')
  const text = (name: string, bytes: string | Buffer, tokens: readonly Buffer[]): Fixture => ({
    name,
    group: 'mail',
    bytes: typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes,
    tokens,
  })
  return [
    text('uuencode-plain', uuencoded('bad.bin', infectedMarker), mailWords),
    text(
      'binhex-plain',
      makeBinhex('bad.bin', infectedMarker),
      tokensOf(':', '(This file must be converted with BinHex 4.0)', '!', '3', '6N'),
    ),
    text('tnef-plain', makeTnef('bad.bin', infectedMarker), tokensOf('0x789f3e22', '0x0f80', '0x1080', '0x0290')),
    text('box-mmdf', makeMmdf(boxed), boxWords),
    text('box-mbx', makeMbx(boxed), boxWords),
    text('box-babyl', makeBabyl(boxed, true), boxWords),
    text('box-emlx', makeEmlx(boxed[1] ?? Buffer.alloc(0)), boxWords),
    text('pkcs7-plain', makePkcs7(infectedMarker), berWords),
    text('pkcs7-open', makePkcs7(infectedMarker, { open: true }), berWords),
    text('pkcs7-compressed', makePkcs7(infectedMarker, { compressed: true }), berWords),
    text('html-data', page, pageWords),
    text('html-references', page.replace('data:app', '&#100;ata&colon;app'), pageWords),
    text('literal-script', `var a = atob("${zip.slice(0, 40)}" +\n "${zip.slice(40)}")\n`, literalWords),
    text('literal-flat', `<?xml version="1.0"?><pkg:binaryData>${base64}</pkg:binaryData>\n`, literalWords),
    text(
      'literal-card',
      `BEGIN:VCARD\nKEY;ENCODING=B:${base64.replaceAll('\r\n', '\r\n ')}\nEND:VCARD\n`,
      literalWords,
    ),
    text('activemime-plain', makeActiveMime(infectedMarker), tokensOf('0x789c', '0x0400', '0x32', '0x78da')),
  ]
}
