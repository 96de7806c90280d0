import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Lab, missed } from '../../detect/testing/lab.ts'
import type { Scanner } from '../../scanner.ts'
import { makeOle } from '../testing/ole.ts'
import { compressVba } from '../testing/vba.ts'
import { ascii85, installer, lzw, pdf, rtf, stream } from './testing/documents.ts'

const MB = 1024 * 1024
const lab = new Lab()
const limits = { memberBytes: 8 * MB, unpackedBytes: 32 * MB }
let scanner: Scanner
let hasty: Scanner
beforeAll(async () => {
  scanner = await lab.scanner(undefined, limits)
  hasty = await lab.scanner(undefined, { ...limits, timeMs: 1000 })
})
afterAll(() => lab.dispose())

/** Reasons and processor time; a busy machine must not fail a test. */
async function cost(data: Buffer, by = scanner): Promise<{ reasons: string[]; ms: number; bytes: number }> {
  const started = process.cpuUsage()
  const result = await by.scanFile(lab.file('hostile', data))
  const { user, system } = process.cpuUsage(started)
  return { reasons: missed(result), ms: (user + system) / 1000, bytes: result.bytes - data.length }
}

const attached = '/Type /EmbeddedFile'
const filespec = '9 0 obj << /Type /Filespec /F (bad.bin) /EF << /F 5 0 R >> >> endobj\n'
const filtered = (filters: string, data: Buffer): Buffer =>
  pdf(filespec, stream(5, `${attached} /Filter [/FlateDecode ${filters}]`, deflateSync(data)))

it('very many objects that do not end are read as far as a few of them go, and that there are more is told', async () => {
  const { reasons, ms } = await cost(Buffer.from(rtf('\\objdata 0105'.repeat(200_000))))
  expect(reasons).toContain('member-count')
  expect(ms).toBeLessThan(15_000)
})

it.each<[string, Buffer]>([
  // Each of them took minutes.
  ['hexadecimal scripts without an end', Buffer.from(`%PDF-1.7\n${'/JS <='.repeat(30_000)}`)],
  ['scripts without an end', pdf('/JS (a'.repeat(60_000))],
  ['words that begin no stream', pdf('stream\n'.repeat(400_000))],
  ['the same attachment over and over', pdf('/EF <</F 1 0 R>>'.repeat(200_000))],
  ['objects without an end', Buffer.from(rtf('a\\objdata '.repeat(300_000)))],
  ['very many streams of the same sectors', manyStreams()],
])('%s end within the time, and that is told', async (_, data) => {
  const { reasons, ms } = await cost(data, hasty)
  if (ms > 1000) expect(reasons.join()).toContain('time-limit')
  expect(ms).toBeLessThan(5000)
})

it.each<[string, Buffer]>([
  // Each of them took a hundred times its unpacked size.
  ['runs of one byte', filtered('/RunLengthDecode', Buffer.alloc(12 * MB, Buffer.from([0, 0x41])))],
  ['codes of one byte', filtered('/LZWDecode', lzw(Buffer.alloc(2 * MB, 'ab')))],
  ['zeros of one letter', filtered('/ASCII85Decode', Buffer.alloc(4 * MB, 'z'))],
])('a stream in a document that unpacks to very much: %s', async (_, data) => {
  const before = process.resourceUsage().maxRSS
  const { reasons, bytes } = await cost(data)
  expect(reasons.every((reason) => reason.endsWith('bomb') || reason.endsWith('too-big'))).toBe(true)
  expect(bytes).toBeLessThanOrEqual(limits.memberBytes)
  expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(200)
})

it('object streams of a document are bounded together, and what is left out is told', async () => {
  const objects = deflateSync(Buffer.alloc(5 * MB, 'some words '))
  const many = Array.from({ length: 30 }, (_, index) =>
    stream(index + 1, '/Type /ObjStm /Filter /FlateDecode', objects),
  )
  expect((await cost(pdf(...many))).reasons).toEqual(['too-big'])
  const unknown = stream(1, '/Type /ObjStm /Filter /Unheard', objects)
  expect((await cost(pdf(unknown))).reasons).toEqual(['unsupported'])
})

it('a file in an installer that is larger than may be looked at is told', async () => {
  const data = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * 7919) % 251))
  expect((await cost(installer(Buffer.concat(Array.from({ length: 100 }, () => data))))).reasons).toEqual([
    'file-1!too-big',
  ])
})

it('an object of a presentation that is too short for its own size is no reason to give up', async () => {
  const cut = Buffer.from('10001110020000000102', 'hex')
  const { reasons } = await cost(
    makeOle([{ name: 'PowerPoint Document', data: Buffer.concat([cut, Buffer.alloc(20)]) }]),
  )
  expect(reasons).toEqual(['object-1!truncated'])
})

it('empty and plain chunks of a macro take no more than their own room', async () => {
  const macro = compressVba('Attribute VB_Name = "x"\r\n')
  const empty = Buffer.concat([macro, Buffer.alloc(45_000, Buffer.from([0x00, 0xb0, 0x00]))])
  const plain = Buffer.concat([macro, Buffer.alloc(45_000, Buffer.from([0x00, 0x30, 0x41]))])
  for (const data of [empty, plain]) {
    const { reasons, bytes } = await cost(makeOle([{ name: 'M', data }]))
    expect(reasons).toEqual([])
    expect(bytes).toBeLessThan(200_000)
  }
})

it('ascii 85 is bounded and read as before', async () => {
  const words = Buffer.from('words that are in the attachment and nowhere else')
  const { bytes } = await cost(pdf(filespec, stream(5, `${attached} /Filter /A85`, ascii85(words))))
  expect(bytes).toBe(words.length)
})

/** A directory of 10,000 streams, each of which is the same 5 MB of the document. */
function manyStreams(): Buffer {
  const [size, tables, directories, contents] = [512, 109, 2500, 11_000]
  const header = Buffer.from(makeOle([]).subarray(0, size))
  header.writeUInt32LE(tables, 44)
  header.writeUInt32LE(tables, 48)
  for (let table = 0; table < tables; table += 1) header.writeUInt32LE(table, 76 + table * 4)
  const chain = Buffer.alloc(tables * size, 0xff)
  const last = tables + directories + contents - 1
  for (let sector = tables; sector < last; sector += 1) chain.writeUInt32LE(sector + 1, sector * 4)
  for (const end of [tables + directories - 1, last]) chain.writeUInt32LE(0xfffffffe, end * 4)
  const entry = Buffer.alloc(128)
  entry.write('a', 'utf16le')
  entry.writeUInt16LE(4, 64)
  entry[66] = 2
  entry.writeUInt32LE(tables + directories, 116)
  entry.writeUInt32LE(contents * size, 120)
  const directory = Buffer.alloc(directories * size, entry)
  directory[66] = 5
  return Buffer.concat([header, chain, directory, Buffer.alloc(contents * size, 'a')])
}
