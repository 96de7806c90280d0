import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { found, Lab, missed, sha256 } from '../../detect/testing/lab.ts'
import type { Scanner } from '../../scanner.ts'
import { makeZip } from '../testing/archives.ts'
import { makeOle } from '../testing/ole.ts'
import { compressVba } from '../testing/vba.ts'
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
} from './testing/documents.ts'
import { decompress } from './vba-source.ts'

const lab = new Lab()
const threat = 'Test.Marked'
const content = Buffer.from('the one content that the database of this test knows, and nothing else does')
let scanner: Scanner
beforeAll(async () => {
  scanner = await lab.scanner({ 'a.hsb': `${sha256(content)}:${content.length}:${threat}\n` })
})
afterAll(() => lab.dispose())

const scan = (name: string, data: Buffer | string) => scanner.scanFile(lab.file(name, data))
const native = packaged('evil.bin', content)
const attached = '/Type /EmbeddedFile'
const filespec = '9 0 obj << /Type /Filespec /F (evil.bin) /EF << /F 5 0 R >> >> endobj\n'
const hex = Buffer.from(`${content.toString('hex').replace(/.{20}/g, '$&\n')}>`)

/** Each of them is understood by readers, and makes the stream pass for something else or the entry for none. */
function readerTricks(): [string, Buffer, string][] {
  const entry = (ef: string): string => `9 0 obj << /Type /Filespec /F (evil.bin) ${ef} >> endobj\n`
  const stranger = (ef: string, more = '/N 3 /Type /Metadata'): Buffer => pdf(entry(ef), stream(5, more, content))
  const differences = Buffer.from(content.map((byte, at) => byte - (content[at - 1] ?? 0)))
  const predicted = (parms: string, data: Buffer, ...more: string[]): Buffer =>
    pdf(filespec, ...more, stream(5, `${attached} /Filter /FlateDecode /DecodeParms ${parms}`, deflateSync(data)))
  const columns = `/Columns ${content.length}`
  return [
    ['an entry with another value in it', stranger('/EF << /Desc << /A (>> \\) ) >> /F 5 0 R >>'), 'evil.bin'],
    ['an entry with comments', stranger('/EF%c\n<<%>\n/F%x\n5 0 R>>', '/Subtype/Image/Width 1/Height 1'), 'evil.bin'],
    ['an entry with escaped names', stranger('/E#46<</#46 5 0 R>>'), 'evil.bin'],
    ['an entry for another system', stranger('/EF<</Unix 5 0 R>>'), 'evil.bin'],
    [
      'an entry that stands elsewhere',
      pdf(entry('/EF 8 0 R'), '8 0 obj <</UF 5 0 R>> endobj\n', stream(5, '/Type /Metadata', content)),
      'evil.bin',
    ],
    ['a profile of colors that is none', pdf(stream(5, '/N 3', content)), 'object-5'],
    ['a picture without a size', pdf(stream(5, '/Subtype /Image', content)), 'object-5'],
    ['another first line', swapped('%PDF-1.7', '%!PS-Adobe-3.0 PDF-1.4'), 'evil.bin'],
    ['a predictor of TIFF', predicted(`<</Predictor 2 ${columns}>>`, differences), 'evil.bin'],
    ...[0, 1, 2, 3, 4].map((how): [string, Buffer, string] => [
      `a predictor of PNG, ${how}`,
      predicted(`[<</Predictor 15 /Columns 4 /Colors 2>>]`, pngRows(content, how, { row: 8, pixel: 2 })),
      'evil.bin',
    ]),
    [
      'a predictor that stands elsewhere',
      predicted(
        '7 0 R',
        differences,
        `7 0 obj <</Predictor 2 /Columns 6 0 R>> endobj\n6 0 obj ${content.length} endobj\n`,
      ),
      'evil.bin',
    ],
  ]
}

function swapped(from: string, to: string): Buffer {
  const text = pdf(filespec, stream(5, attached, content)).toString('latin1')
  return Buffer.from(text.replace(from, to), 'latin1')
}

describe('what a document carries is found with its path (11)', () => {
  it.each<[string, Buffer, string]>([
    [
      'a file in an old document',
      makeOle([{ name: '\u0001Ole10Native', data: Buffer.concat([uint32(native.length), native]) }]),
      'evil.bin',
    ],
    [
      'an object in a presentation',
      makeOle([{ name: 'PowerPoint Document', data: presentation(content) }]),
      'object-1',
    ],
    ['an object in an rtf document', Buffer.from(rtf(ole1('Package', native).toString('hex'))), 'evil.bin'],
    [
      'an object in an rtf document, broken up',
      Buffer.from(rtf(ole1('Package', native).toString('hex').replace(/.{10}/g, '$&\r\n \\foo12 {\\bar abc123}'))),
      'evil.bin',
    ],
    [
      'an object of another class in an rtf document',
      Buffer.from(rtf(ole1('Thing', content).toString('hex'))),
      'object-1',
    ],
    ['a file in a note', note(content), 'file-1'],
    ['an installer of symbian', installer(content), 'file-1'],
    ['a file in a pdf, plain', pdf(filespec, stream(5, attached, content)), 'evil.bin'],
    [
      'a file in a pdf, deflated',
      pdf(stream(5, `${attached} /Filter /FlateDecode`, deflateSync(content)), filespec),
      'evil.bin',
    ],
    [
      'a file in a pdf, two filters',
      pdf(
        stream(
          5,
          `${attached} /Filter [/ASCIIHexDecode /FlateDecode]`,
          Buffer.from(`${deflateSync(content).toString('hex')}>`),
        ),
        filespec,
      ),
      'evil.bin',
    ],
    [
      'a file in a pdf, hexadecimal, with a wrong length',
      pdf(stream(5, `${attached} /Filter /AHx`, hex, 7), filespec),
      'evil.bin',
    ],
    [
      'a file in a pdf, ascii 85',
      pdf(stream(5, `${attached} /Filter /ASCII85Decode`, ascii85(content)), filespec),
      'evil.bin',
    ],
    [
      'a file in a pdf, run lengths',
      pdf(
        stream(
          5,
          `${attached} /Filter /RL`,
          Buffer.concat([Buffer.from([content.length - 1]), content, Buffer.from([128])]),
        ),
        filespec,
      ),
      'evil.bin',
    ],
    ['a file in a pdf, lzw', pdf(stream(5, `${attached} /Filter /LZWDecode`, lzw(content)), filespec), 'evil.bin'],
    [
      'a file in a pdf, with an escaped name of its filter',
      pdf(stream(5, `${attached} /Filter /Fl#61teDecode`, deflateSync(content)), filespec),
      'evil.bin',
    ],
    [
      'a file in a pdf whose name stands in a stream of objects',
      pdf(
        stream(5, attached, content),
        stream(6, '/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode', deflateSync(Buffer.from(`9 0 ${filespec}`))),
      ),
      'evil.bin',
    ],
    ...readerTricks(),
    ['a file in a pdf without a name or type', pdf(stream(5, '', content)), 'object-5'],
    [
      'a script in a pdf',
      pdf(`7 0 obj << /S /JavaScript /JS (${content.toString().replace(/,/g, '\\054')}) >> endobj\n`),
      'script-1.js',
    ],
  ])('%s', async (_, data, member) => {
    const result = await scan('document', data)
    expect(found(result)).toContain(`${member}!${threat}`)
    expect(missed(result)).toEqual([])
  })
})

it('an object that is shorter than it says, or whose document ends in it, is said to be cut', async () => {
  const whole = rtf(ole1('Package', native).toString('hex'))
  for (const text of [whole.slice(0, whole.length - 40), rtf(ole1('Package', native).toString('hex').slice(0, -60))])
    expect(missed(await scan('cut.rtf', text))).toEqual(['evil.bin!truncated'])
  expect(missed(await scan('cut.rtf', whole.slice(0, whole.indexOf('objdata') + 30)))).toEqual(['object-1!truncated'])
  const cut = native.subarray(0, native.length - 20)
  const ole = makeOle([{ name: '\u0001Ole10Native', data: Buffer.concat([uint32(native.length), cut]) }])
  expect(missed(await scan('cut.doc', ole))).toEqual(['evil.bin!truncated'])
})

it('a file in a pdf that was stored in a way nobody knows is not wholly looked at', async () => {
  const unknown = stream(5, `${attached} /Filter /FlateDecode /DecodeParms <</Predictor 99>>`, deflateSync(content))
  expect(missed(await scan('document', pdf(filespec, unknown)))).toEqual(['evil.bin!unsupported'])
})

describe('macros', () => {
  const acting = 'Attribute VB_Name = "ThisDocument"\r\nSub AutoOpen()\r\nShell "payload.exe"\r\nEnd Sub\r\n'
  const harmless = 'Attribute VB_Name = "Module1"\r\nSub Hello()\r\nMsgBox "hello"\r\nEnd Sub\r\n'
  const threats = async (name: string, data: Buffer): Promise<string[]> => found(await scan(name, data))

  it('their source is decompressed as the format says', () => {
    const packed = Buffer.from(
      '012fb000236161616263646582660070616768696a013808616b6c00306d6e6f7006710270041072737475761077787 97a003c'.replace(
        / /g,
        '',
      ),
      'hex',
    )
    expect(decompress(packed, 0, 1000).toString()).toBe('#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa')
  })

  it('that start by themselves and start a program are suspicious, in old and new documents', async () => {
    const project = makeOle([{ name: 'ThisDocument', data: compressVba(acting) }])
    expect(await threats('a.doc', project)).toContain('VBA/THISDOCUMENT.bas!Heuristic.Macro.StartsProgram')
    const document = makeZip([
      { name: '[Content_Types].xml', data: Buffer.from('<Types/>') },
      { name: 'word/vbaProject.bin', data: project },
    ])
    expect(await threats('a.docm', document)).toContain(
      'word/vbaProject.bin!VBA/THISDOCUMENT.bas!Heuristic.Macro.StartsProgram',
    )
  })

  it('that do it in two modules together are too', async () => {
    const [first, second] = [
      acting.replace('Shell "payload.exe"', 'RunIt'),
      harmless.replace('MsgBox "hello"', 'Shell "payload.exe"'),
    ]
    const project = makeOle([
      { name: 'ThisDocument', data: compressVba(first, Buffer.alloc(20)) },
      { name: 'Module1', data: Buffer.concat([Buffer.alloc(100, 7), compressVba(second)]) },
    ])
    expect(await threats('a.doc', project)).toEqual(['VBA/project.bas!Heuristic.Macro.StartsProgram'])
  })

  it('that do neither are not', async () => {
    expect(await threats('a.doc', makeOle([{ name: 'Module1', data: compressVba(harmless) }]))).toEqual([])
  })
})

it('damaged documents never throw, hang or grow', async () => {
  const samples = [
    makeOle([
      { name: 'ThisDocument', data: compressVba(`Attribute VB_Name = "x"\r\n${'y = 1\r\n'.repeat(300)}`) },
      { name: '\u0001Ole10Native', data: Buffer.concat([uint32(native.length), native]) },
    ]),
    Buffer.from(rtf(ole1('Package', native).toString('hex'))),
    pdf(
      filespec,
      stream(5, `${attached} /Filter /FlateDecode`, deflateSync(content)),
      stream(6, '/Filter /LZWDecode', lzw(content)),
      '7 0 obj << /JS (a(b)c) >> endobj',
    ),
    makeOle([{ name: 'PowerPoint Document', data: presentation(content) }]),
  ]
  let state = 11
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state % below
  }
  for (const sample of samples) {
    for (let round = 0; round < 120; round += 1) {
      const damaged = Buffer.from(sample)
      for (let change = 0; change < 1 + next(10); change += 1) damaged[next(damaged.length)] = next(256)
      const result = await scanner.scanBuffer(
        damaged.subarray(0, next(4) === 0 ? next(damaged.length) : damaged.length),
        'sample',
      )
      expect(result.bytes).toBeLessThan(1_000_000)
    }
  }
})
