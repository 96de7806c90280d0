// The documents and programs that the engine looks into, each around the infected marker where it can carry one.
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
import { makeZip } from '../../unpack/testing/archives.ts'
import { makeOle } from '../../unpack/testing/ole.ts'
import { compressVba } from '../../unpack/testing/vba.ts'
import { type Fixture, tokensOf } from './fixture.ts'

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
  return [...old(), ...pdfs(), ...otherDocuments(), ...programs(), ...scripts()]
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
