// Contents that are there for whoever looks for them, and that a careless look passes by: records that no directory names,
// scripts that pass for something else, mails and pages that begin unusually, images of disks, what nothing here opens.
import { deflateRawSync, deflateSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program } from '../detect/heuristics/testing/programs.ts'
import { found, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import type { Scanner } from '../scanner.ts'
import { ole1, packaged, pdf, stream } from './documents/testing/documents.ts'
import { directoryEntry, endRecord, localHeader, makeWithSevenZip, makeZip } from './testing/archives.ts'
import { makeFat } from './testing/fat.ts'

const lab = new Lab()
const marked = Buffer.from('the one content that the database of this test knows, and nothing else does; '.repeat(4))
const [first, second] = [Buffer.from('var re = 1\n'), Buffer.from('/* q */ ')].map((code) =>
  Buffer.concat([code, marked]),
)
const scripts = [first, second].filter((script) => script !== undefined)
let scanner: Scanner
beforeAll(async () => {
  const known = [marked, ...scripts].map((data) => `${sha256(data)}:${data.length}:Known`)
  scanner = await lab.scanner({ 'a.hsb': `${known.join('\n')}\n` })
})
afterAll(() => lab.dispose())

const scan = (data: Buffer, name = 'file') => scanner.scanFile(lab.file(name, data))
const threats = async (data: Buffer): Promise<string[]> =>
  found(await scan(data)).map((each) => each.replace(/.*!/, ''))
const base64 = marked.toString('base64').replace(/.{76}/g, '$&\r\n')

describe('a ZIP', () => {
  const harmless = Buffer.from('harmless '.repeat(30))
  const recordOf = (zip: Buffer) =>
    zip.subarray(0, 30 + zip.readUInt16LE(26) + zip.readUInt16LE(28) + zip.readUInt32LE(18))

  it.each(['BZip2', 'LZMA', 'PPMd', 'Deflate64'])(
    'whose directory leaves out a member packed with %s, beside one that it names (31)',
    async (method) => {
      const [hidden, listed] = await Promise.all(
        [marked, harmless].map((data) => makeWithSevenZip(['-tzip', `-mm=${method}`], { 'm.bin': data })),
      )
      if (hidden === undefined || listed === undefined) throw new Error('not made')
      const record = recordOf(listed)
      const entry = directoryEntry(Buffer.from('m.bin'), {
        packed: listed.readUInt32LE(18),
        size: listed.readUInt32LE(22),
        flags: listed.readUInt16LE(6),
        method: listed.readUInt16LE(8),
        at: 0,
      })
      entry.writeUInt32LE(listed.readUInt32LE(14), 16)
      const locals = Buffer.concat([record, recordOf(hidden)])
      const result = await scan(Buffer.concat([locals, entry, endRecord(1, entry.length, locals.length)]))
      expect(found(result)).toEqual(['m.bin!Known'])
      expect(missed(result)).toEqual([])
    },
  )

  it('with a member of a method that nobody knows, named by no directory, is not wholly looked at', async () => {
    const data = Buffer.from('of no known method')
    const record = Buffer.concat([localHeader(Buffer.from('x'), { packed: 18, size: 18, flags: 0, method: 77 }), data])
    const zip = makeZip([{ name: 'h', data: harmless }])
    const at = zip.length - 22 - (46 + 1)
    const all = Buffer.concat([zip.subarray(0, at), record, zip.subarray(at)])
    all.writeUInt32LE(at + record.length, all.length - 6)
    expect(missed(await scan(all))).toEqual(['x!unsupported'])
  })

  it('with more in the place of a member than its data is not wholly looked at', async () => {
    const packed = Buffer.concat([deflateRawSync(Buffer.from('short')), makeZip([{ name: 'm', data: marked }])])
    const fields = { packed: packed.length, size: 5, flags: 0, method: 8 }
    const local = Buffer.concat([localHeader(Buffer.from('h'), fields), packed])
    const entry = directoryEntry(Buffer.from('h'), { ...fields, at: 0 })
    const result = await scan(Buffer.concat([local, entry, endRecord(1, entry.length, local.length)]))
    expect(missed(result)).toEqual(['h!corrupt'])
  })

  it('with members that fill up their places is looked at wholly', async () => {
    expect(
      missed(
        await scan(
          makeZip([
            { name: 'a/', data: Buffer.alloc(0) },
            { name: 'a/h', data: harmless },
          ]),
        ),
      ),
    ).toEqual([])
  })
})

describe('a script of a PDF is found', () => {
  const runs = '7 0 obj << /S /JavaScript /JS 5 0 R >> endobj\n'
  it.each<[string, Buffer]>([
    ['that begins with words that draw pages have', pdf(runs, stream(5, '', scripts[0] ?? marked))],
    ['with an operator of pages in a comment', pdf(runs, stream(5, '', scripts[1] ?? marked))],
    ['that says it is a font', pdf(runs, stream(5, '/Length1 1 /Filter /FlateDecode', deflateSync(marked)))],
    ['that says it is about the document', pdf(runs, stream(5, '/Type /Metadata', marked))],
    [
      'whose filter stands elsewhere',
      pdf(runs, '9 0 obj /FlateDecode endobj\n', stream(5, '/Filter 9 0 R', deflateSync(marked))),
    ],
    [
      'whose filters stand elsewhere, in a list',
      pdf(runs, '9 0 obj [/FlateDecode] endobj\n', stream(5, '/Filter 9 0 R', deflateSync(marked))),
    ],
    [
      'whose filter stands in a stream of objects',
      pdf(
        runs,
        stream(3, '/Type /ObjStm /N 1 /First 4', Buffer.from('9 0 /FlateDecode ')),
        stream(5, '/Filter 9 0 R', deflateSync(marked)),
      ),
    ],
    ['with a long dictionary', pdf(runs, stream(5, `/X (${'a'.repeat(40_000)}) /Type /Metadata`, marked))],
    ['that is a text of its own', pdf(runs, `5 0 obj (${marked.toString()}) endobj\n`)],
    ['of a form', pdf('7 0 obj << /XFA [(a) 5 0 R] >> endobj\n', stream(5, '/Type /Metadata', marked))],
  ])('%s', async (_, data) => {
    expect(await threats(data)).toContain('Known')
  })

  it('and a stream whose dictionary has no end in sight is told', async () => {
    expect(missed(await scan(pdf(stream(5, `/X (${'a'.repeat(400_000)})`, marked))))).toEqual(['corrupt'])
  })

  it('and a filter that nobody defines is told', async () => {
    expect(missed(await scan(pdf(runs, stream(5, '/Filter 9 0 R', marked))))).toEqual(['object-5!unsupported'])
  })
})

describe('a PDF that begins in the first kilobyte is one, whatever stands before it', () => {
  const inside = pdf(stream(5, '/Type /EmbeddedFile /Filter /FlateDecode', deflateSync(marked)))
  const windows = program(0x1000, [{ flags: 0x60000020, address: 0x1000, data: Buffer.alloc(512, 0x90) }])
  const polyglot = Buffer.concat([windows, Buffer.alloc(inside.length)])
  inside.copy(polyglot, 600)
  it.each<[string, Buffer]>([
    ['a picture', Buffer.concat([Buffer.from('GIF89a\n'), inside])],
    ['the mark of a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(100, 0x20), inside])],
    ['a whole program, in its header', polyglot],
    ['a document', Buffer.concat([Buffer.from('{\\rtf1 }\n'), inside])],
    ['the mark of an archive', Buffer.concat([Buffer.from('Rar!\x1a\x07\0', 'latin1'), inside])],
    ['lines of a script', Buffer.concat([Buffer.from('#!/bin/sh\n'), inside])],
  ])('%s', async (_, data) => {
    expect(await threats(data)).toContain('Known')
  })

  it('and a mail that speaks of one is a mail', async () => {
    const mail = `Subject: about %PDF-1.7\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n${base64}\n`
    expect(await threats(Buffer.from(mail))).toContain('Known')
  })
})

describe('the attachment of a mail is found', () => {
  const body = `--b\r\nContent-Type: application/octet-stream; name=m.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64}\r\n--b--\r\n`
  const type = 'Content-Type: multipart/mixed; boundary=b\r\n'
  const rest = `MIME-Version: 1.0\r\n${type}\r\n${body}`
  it.each([
    ['without a version', `From: a@b\r\nSubject: hi\r\n${type}\r\n${body}`],
    ['behind a long line', `X-Long: ${'a'.repeat(9000)}\r\nReceived: x\r\n${rest}`],
    ['behind an empty line', `\r\nReceived: x\r\n${rest}`],
    ['behind a zero', `\0Received: x\r\n${rest}`],
    ['with a zero in its header', `From: a\0\r\n${rest}`],
    ['behind a mark of an encoding', `\u00ef\u00bb\u00bfSubject: x\r\n${rest}`],
    ['behind a line of a mailbox that was moved', `>From a@b Mon\r\nSubject: x\r\n${rest}`],
    ['behind two lines of mailboxes', `From a@b Mon\r\n>From a@b Mon\r\nSubject: x\r\n${rest}`],
    ['with a name of no blank', `Subject:x\r\n${rest}`],
    ['with a name that nobody uses', `X_Y: x\r\n${rest}`],
    ['with a blank behind a name', `Subject : x\r\n${rest}`],
    ['with a line that goes on at once', `Subject:\r\n x\r\n${rest}`],
    ['with nothing but its kind', `${type}\r\n${body}`],
  ])('%s', async (_, mail) => {
    expect(found(await scan(Buffer.from(mail, 'latin1')))).toEqual(['m.bin!Known'])
  })

  it.each(['name: value\nother: value\n', 'Date: today\nversion: 1\n', 'http://a.b\nFrom here to there\n'])(
    'and %j is no mail',
    async (text) => {
      const result = await scan(Buffer.from(text))
      expect(result).toMatchObject({ kind: 'nothing-found', objects: 1 })
    },
  )
})

describe('a file in a text is found', () => {
  const link = `<a href="data:application/octet-stream;base64,${marked.toString('base64')}">x</a>`
  const utf16 = Buffer.from(`<html><body>${link}`, 'utf16le')
  it.each<[string, Buffer]>([
    ['a page with an address in capitals', Buffer.from(`<html>${link.replace('data:', 'DATA:')}`)],
    ['a page behind many blanks', Buffer.from(`${' '.repeat(9000)}<html>${link}`)],
    ['a page behind many words', Buffer.from(`${'word '.repeat(2000)}<html>${link}`)],
    ['a page in UTF-16', Buffer.concat([Buffer.from('fffe', 'hex'), utf16])],
    ['a page in UTF-16, the other way round', Buffer.concat([Buffer.from('feff', 'hex'), Buffer.from(utf16).swap16()])],
    ['a page with a zero', Buffer.from(`<html>\0<body>${link}`)],
    ['uuencode behind many words', Buffer.from(`${'word '.repeat(2000)}\nbegin-base64 644 m.bin\n${base64}\n====\n`)],
  ])('%s', async (_, data) => {
    expect(await threats(data)).toEqual(['Known'])
  })

  it('an object of an RTF document that is not written in digits', async () => {
    const object = ole1('Package', packaged('m.bin', marked))
    const around = [`{\\rtf1{\\object\\objemb{\\*\\objdata 0\\bin0 \\bin${object.length} `, '}}}']
    const [before = '', after = ''] = around
    expect(
      found(await scan(Buffer.concat([Buffer.from(before.replace('0\\bin0 ', '')), object, Buffer.from(after)]))),
    ).toEqual(['m.bin!Known'])
  })
})

describe('an image of a disk', () => {
  it('is opened, and so is the one that a virtual machine has around it', async () => {
    const fat = makeFat('MARKED  BIN', marked)
    expect(found(await scan(fat))).toEqual(['MARKED.BIN!Known'])
    const footer = Buffer.alloc(512)
    footer.write('conectix')
    footer.writeUInt32BE(2, 8)
    footer.writeUInt32BE(0x10000, 12)
    footer.fill(0xff, 16, 24)
    footer.writeBigUInt64BE(BigInt(fat.length), 40)
    footer.writeBigUInt64BE(BigInt(fat.length), 48)
    footer.writeUInt32BE(2, 60)
    footer.writeUInt32BE(~footer.reduce((sum, byte) => sum + byte, 0) >>> 0, 64)
    const [path] = found(await scan(Buffer.concat([fat, footer])))
    expect(path).toMatch(/!MARKED\.BIN!Known$/)
  })

  it('of a Mac that cannot be opened is told', async () => {
    const end = Buffer.alloc(512)
    end.write('koly\0\0\0\x04\0\0\x02\0', 'latin1')
    expect(missed(await scan(Buffer.concat([Buffer.alloc(3000, 3), end])))).toEqual(['corrupt'])
  })
})

describe('what nothing here opens is told', () => {
  const rest = Buffer.alloc(200, 7)
  it.each([
    ['lzip', '4c5a495001'],
    ['lz4', '04224d18644000'],
    ['lzop', '894c5a4f000d0a1a0a'],
    ['ACE', '00000000000000 2a2a4143452a2a'],
    ['ZOO', `${Buffer.from('ZOO 2.10 Archive.\x1a').toString('hex')}0000dca7c4fd`],
    ['StuffIt', Buffer.from('StuffIt (c)1997').toString('hex')],
    ['InstallShield', '4953632801000000'],
    ['zpaq', '376b5374a03183d38cb228b0d3'],
  ])('%s', async (_, hex) => {
    expect(missed(await scan(Buffer.concat([Buffer.from(hex.replace(' ', ''), 'hex'), rest])))).toEqual(['unsupported'])
  })

  const windows = program(0x1000, [{ flags: 0x60000020, address: 0x1000, data: Buffer.alloc(512, 0x90) }])
  it.each([
    ['a compiled script of AutoIt', 'a3484bbe986c4aa9994c530a86d6487d'],
    ['an installer of InstallShield', Buffer.from('InstallShield\0').toString('hex')],
  ])('%s (12)', async (_, hex) => {
    expect(missed(await scan(Buffer.concat([windows, Buffer.from(hex, 'hex'), rest])))).toEqual(['packer'])
  })

  it('a 7z that hides the names of its members is not scanned at all (25)', async () => {
    const locked = await makeWithSevenZip(['-t7z', '-psecret', '-mhe=on'], { m: marked })
    expect(await scan(locked)).toMatchObject({ kind: 'not-scanned', reason: 'encrypted' })
  })
})
