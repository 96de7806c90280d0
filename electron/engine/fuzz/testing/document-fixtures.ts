// The documents, mails, texts and programs that the engine looks into, each around the infected marker where it can carry one.
// Made in memory and the same every time; never written to a disk by this module.
import { deflateSync } from 'node:zlib'
import { smallElf, smallPe } from '../../databases/clamav/testing/programs.ts'
import { elf, link, program } from '../../detect/heuristics/testing/programs.ts'
import { infectedMarker } from '../../detect/testing/lab.ts'
import {
  ascii85,
  installer,
  lzw,
  note,
  ole1,
  packaged,
  pdf,
  pngRows,
  presentation,
  rtf,
  stream,
  uint32,
} from '../../unpack/documents/testing/documents.ts'
import { makeBinhex, makeTnef, uuencoded } from '../../unpack/mail/testing/encoded.ts'
import { makePkcs7 } from '../../unpack/mail/testing/pkcs7.ts'
import { makeZip } from '../../unpack/testing/archives.ts'
import { makeOle } from '../../unpack/testing/ole.ts'
import { compressVba } from '../../unpack/testing/vba.ts'
import { type Fixture, tokensOf } from './fixture.ts'

const base64 = infectedMarker.toString('base64').replace(/.{60}/g, '$&\r\n')
const native = packaged('bad.bin', infectedMarker)
const macro = 'Attribute VB_Name = "ThisDocument"\r\nSub AutoOpen()\r\nx = 1\r\nEnd Sub\r\n'

const oleWords = tokensOf(
  ...['0xd0cf11e0a1b11ae1', '0xfeffffff', '0xfdffffff', '0xffffffff', '0x0009', '0x000c', '0x05', '0x02'],
  ...['0x004174747269627574', '0x01', '0x00b0', '0x0030', '0xffb0', '0xffff', '0x1110', '0x0f00'],
)
const pdfWords = tokensOf(
  ...['stream\n', '\nendstream', 'endobj\n', '1 0 obj', '1 0 obj\n<<', '/JS (', '/JS <', '/Filter', '/FlateDecode'],
  ...['/ASCII85Decode', '/ASCIIHexDecode', '/LZWDecode', '/RunLengthDecode', '/ObjStm', '/EmbeddedFile', '/Length 9'],
  ...[
    '/EF << /F 5 0 R',
    '(',
    ')',
    '<',
    '>',
    '[',
    ']',
    '\\',
    '#46',
    '0x789c',
    'z',
    '~>',
    '%PDF-1.7\n',
    '/DecodeParms <<',
    '/Predictor 12',
  ],
)
const mailWords = tokensOf(
  ...['\r\n', '\n', '--b1', '--b1--', '--', 'Content-Type: ', 'multipart/mixed; boundary=', 'message/rfc822', 'base64'],
  ...['Content-Transfer-Encoding: ', 'quoted-printable', 'name*0*=', '=?utf-8?B?', '?=', '=', '=\r\n', 'From ', '"'],
  ...['begin 644 a\n', 'begin-base64 644 a\n', '====', 'end\n', '`\n', ';', ':', '\n\nFrom ', 'filename='],
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
const scriptWords = tokensOf(
  ...[
    'eval(',
    'atob("',
    'base64_decode(',
    'gzinflate(',
    '<?php ',
    '$_POST[',
    'unescape("%41',
    'String.fromCharCode(65,',
  ],
  ...[
    'powershell -w 1 -enc ',
    '/dev/tcp/',
    ' | ',
    'base64 -d',
    'exec(',
    'b64decode("',
    'execute(chr(65)&',
    '#!/bin/sh\n',
  ],
  ...['curl ', 'wget ', '* * * * * ', '"pools":[', 'stratum+tcp://', '"', "'", '(', ')', '\n', ' ', 'QUJD', '<%', '%>'],
)
const programWords = tokensOf(
  ...[
    'MZ',
    'PE\0\0',
    '0x7f454c460201',
    '0x7f454c460101',
    'UPX0',
    'UPX!',
    '.rsrc',
    '0x0b01',
    '0x0b02',
    'Rar!\x1a\x07\0',
  ],
  ...['0x377abcaf271c0004', 'PK\x05\x06', 'PK\x01\x02', 'PK\x03\x04', '0xe0000020'],
)

/** All of them. */
export function documentFixtures(): Fixture[] {
  return [...old(), ...pdfs(), ...otherDocuments(), ...mails(), ...texts(), ...programs(), ...scripts()]
}

function document(name: string, bytes: Buffer, tokens: readonly Buffer[], finish?: Fixture['finish']): Fixture {
  const fixture = { name, group: 'documents', bytes, tokens } as const
  return finish === undefined ? fixture : { ...fixture, finish }
}

function old(): Fixture[] {
  const project = makeOle([
    { name: 'ThisDocument', data: compressVba(macro, Buffer.alloc(20)) },
    { name: 'Module1', data: Buffer.concat([Buffer.alloc(9, 7), compressVba(macro)]) },
  ])
  const wrapped = Buffer.concat([uint32(native.length), native])
  const nativeName = '\u0001Ole10Native'
  const office = (part: Buffer): Buffer =>
    makeZip([
      { name: '[Content_Types].xml', data: Buffer.from('<Types/>') },
      { name: 'word/vbaProject.bin', data: part },
    ])
  return [
    document('ole-plain', makeOle([{ name: 'bad.bin', data: infectedMarker }]), oleWords),
    document('ole-package', makeOle([{ name: nativeName, data: wrapped }]), oleWords),
    document('ole-package-inside', wrapped, oleWords, (bytes) => makeOle([{ name: nativeName, data: bytes }])),
    document('ole-macros', project, oleWords),
    document('ole-macros-inside', compressVba(macro), oleWords, (bytes) => makeOle([{ name: 'M', data: bytes }])),
    document('ole-slides', makeOle([{ name: 'PowerPoint Document', data: presentation(infectedMarker) }]), oleWords),
    document('ole-slides-inside', presentation(infectedMarker), oleWords, (bytes) =>
      makeOle([{ name: 'PowerPoint Document', data: bytes }]),
    ),
    document(
      'ooxml-macros',
      office(project),
      tokensOf('PK\x03\x04', 'PK\x01\x02', 'PK\x05\x06', '[Content_Types].xml'),
    ),
    document('ooxml-inside', project, oleWords, office),
  ]
}

function pdfs(): Fixture[] {
  const attached = '/Type /EmbeddedFile'
  const listed = '9 0 obj << /Type /Filespec /F (bad.bin) /EF << /F 5 0 R >> >> endobj\n'
  const one = (filter: string, data: Buffer): Buffer => pdf(listed, stream(5, `${attached} /Filter ${filter}`, data))
  const hex = Buffer.from(`${infectedMarker.toString('hex')}>`)
  const runs = Buffer.concat([Buffer.from([infectedMarker.length - 1]), infectedMarker, Buffer.from([0x80])])
  const objects = deflateSync(Buffer.from(`9 0 ${listed}7 0 /JS (alert\\(1\\))`))
  const indirect = pdf(
    stream(5, attached, infectedMarker),
    stream(6, '/Type /ObjStm /N 2 /First 8 /Filter /FlateDecode', objects),
    '7 0 obj << /S /JavaScript /JS (f(1)) /JS <48> >> endobj\n',
  )
  return [
    document('pdf-plain', pdf(listed, stream(5, attached, infectedMarker)), pdfWords),
    document('pdf-flate', one('/FlateDecode', deflateSync(infectedMarker)), pdfWords),
    document('pdf-hex', one('/AHx', hex), pdfWords),
    document('pdf-85', one('/ASCII85Decode', ascii85(infectedMarker)), pdfWords),
    document('pdf-lzw', one('/LZWDecode', lzw(infectedMarker)), pdfWords),
    document('pdf-runs', one('/RL', runs), pdfWords),
    document('pdf-runs-inside', runs, tokensOf('0x80', '0x00', '0x81', '0xff'), (bytes) =>
      one('[/FlateDecode /RunLengthDecode]', deflateSync(bytes)),
    ),
    document('pdf-lzw-inside', lzw(infectedMarker), tokensOf('0x80', '0xffff', '0x8000'), (bytes) =>
      one('[/FlateDecode /LZWDecode]', deflateSync(bytes)),
    ),
    document(
      'pdf-predicted',
      one(
        '/FlateDecode /DecodeParms <</Predictor 15 /Columns 8>>',
        deflateSync(pngRows(infectedMarker, 4, { row: 8, pixel: 1 })),
      ),
      pdfWords,
    ),
    document('pdf-objects', indirect, pdfWords),
  ]
}

function otherDocuments(): Fixture[] {
  const rtfWords = tokensOf(
    '{',
    '}',
    '\\',
    "\\'41",
    '\\objdata ',
    '{\\rtf1',
    '\\bin9 ',
    'd0cf11e0',
    '01050000',
    '\\a-1 ',
  )
  const noteWords = tokensOf('0xe716e3bd65261145a4c48d4d0b7a9eac', '0xffffffffffffff7f', '0xe4525c7b8cd8a74d')
  return [
    document('rtf-package', Buffer.from(rtf(ole1('Package', native).toString('hex'))), rtfWords),
    document('rtf-inside', ole1('Package', native), oleWords, (bytes) => Buffer.from(rtf(bytes.toString('hex')))),
    document('onenote-plain', note(infectedMarker), noteWords),
    document('sis-plain', installer(infectedMarker), tokensOf('0x19040010', '0x789c', '0x78da', '0x7801')),
  ]
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
  const page = `<html><body><a href="data:application/x-a;base64,${infectedMarker.toString('base64')}">x</a><img src='data:,%41'>`
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
    text('pkcs7-plain', makePkcs7(infectedMarker), berWords),
    text('pkcs7-open', makePkcs7(infectedMarker, { open: true }), berWords),
    text('pkcs7-compressed', makePkcs7(infectedMarker, { compressed: true }), berWords),
    text('html-data', page, pageWords),
  ]
}

function programs(): Fixture[] {
  const sections = [
    { flags: 0x60000020, address: 0x1000, data: Buffer.alloc(512, 0x90) },
    { flags: 0xe0000020, address: 0x8000, data: Buffer.concat([infectedMarker, Buffer.alloc(1200, 1)]) },
  ]
  const section = { address: 0x1000, content: infectedMarker }
  const give = (name: string, bytes: Buffer): Fixture => ({ name, group: 'programs', bytes, tokens: programWords })
  return [
    give('pe-plain', program(0x8010, sections)),
    give('pe-sections', smallPe([section, { ...section, address: 0x2000 }], 0x1000)),
    give('pe-carrier', Buffer.concat([smallPe([section], 0x1000), makeZip([{ name: 'a', data: infectedMarker }])])),
    give('elf-64', Buffer.concat([elf(7), infectedMarker])),
    give('elf-32', smallElf(infectedMarker, 0x54)),
    give('lnk-plain', link('..\\cmd.exe', `/c ${' '.repeat(40)}start x`)),
  ]
}

/** Harmless: what the words that are put into them make of them is for the heuristics to say. */
function scripts(): Fixture[] {
  const give = (name: string, text: string): Fixture => ({
    name: `script-${name}`,
    group: 'programs',
    bytes: Buffer.from(text),
    tokens: scriptWords,
  })
  return [
    give('shell', `#!/bin/sh\nfor x in 1 2 3; do echo "$x" | cat; done\n${'QUJD'.repeat(60)}\n`),
    give('php', '<?php\n$a = array(1, 2);\nforeach ($a as $b) { echo htmlspecialchars($b); }\n?>\n'),
    give('page', '<!DOCTYPE html>\n<html><body><script>var a = document.createElement("a");</script></body></html>\n'),
  ]
}
