// Whatever is opened or known, and whatever begins inside or behind it: the one marked content in there is found, or the report
// says that not all was looked at. All pairs, so that no kind of the table and no carrier is forgotten.
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { elf, program } from '../detect/heuristics/testing/programs.ts'
import { found, Lab, missed, sha256 } from '../detect/testing/lab.ts'
import { directorylessZip, kinds } from '../identify/carried-kinds.ts'
import { limitsWith } from '../limits/limits.ts'
import type { Scanner } from '../scanner.ts'
import { Budget } from './budget.ts'
import { note, pdf, rtf, stream } from './documents/testing/documents.ts'
import { SevenZip } from './seven-zip-runtime.ts'
import { makeTar, makeWithSevenZip, makeZip } from './testing/archives.ts'
import { makeChm } from './testing/chm.ts'
import { compressedFixtures } from './testing/compressed-fixtures.ts'
import { cpioKinds, makeCpio } from './testing/cpio.ts'
import { makeCab } from './testing/msi.ts'
import { makeNsis } from './testing/nsis.ts'
import { makeOle } from './testing/ole.ts'
import { makeAr, makeIso, makeRar4, makeRar5, makeRpm, makeSzdd, makeXar } from './testing/plain-archives.ts'

type Samples = Record<string, Buffer>

const lab = new Lab()
const code = (data: Buffer) => program(0x1000, [{ flags: 0x60000020, address: 0x1000, data }])
/** Known by their digests. */
const [knownPe, knownElf] = [code(Buffer.alloc(700, 0x90)), elf(5)]
let [scanner, marked]: [Scanner | undefined, Buffer] = [undefined, Buffer.alloc(0)]
let carriers: Samples = {}
let carried: Samples = {}

beforeAll(async () => {
  // What the fixtures that tools made are around; it stands in no other container as it is, but where nothing is compressed.
  const sevenZip = await SevenZip.create()
  sevenZip.run(['x', '-y', '-o/out', '-tlzma'], fixture('lzma'), new Budget(limitsWith()))
  for (const { bytes } of sevenZip.takeFiles()) marked = Buffer.from(bytes)
  const known = [marked, knownPe, knownElf].map((bytes) => `${sha256(bytes)}:${bytes.length}:Known`)
  scanner = await lab.scanner({ 'known.hsb': `${known.join('\n')}\n` })
  carried = { ...(await archivesAround(marked)), pe: knownPe, elf: knownElf }
  carriers = { ...(await archivesAround(Buffer.from('nothing of interest '.repeat(9)))), ...others() }
}, 60_000)
afterAll(() => lab.dispose())

const fixture = (kind: keyof typeof compressedFixtures): Buffer => Buffer.from(compressedFixtures[kind], 'base64')

async function archivesAround(data: Buffer): Promise<Samples> {
  const member = { name: 'member.bin', data }
  const pack = (type: string, ...more: string[]) => makeWithSevenZip([`-t${type}`, ...more], { 'member.bin': data })
  return {
    zip: makeZip([member]),
    'zip without its end': makeZip([member]).subarray(0, -60),
    ...Object.fromEntries(cpioKinds.map((kind) => [`cpio, ${kind}`, makeCpio([member], kind)])),
    '7z': await pack('7z'),
    rar: makeRar4(member),
    rar5: makeRar5(member),
    cab: makeCab([member]),
    xz: await pack('xz'),
    gz: gzipSync(data),
    bz2: await pack('bzip2'),
    tar: makeTar([member]),
    iso: makeIso(member),
    ar: makeAr(member),
    rpm: makeRpm(member),
    wim: await pack('wim'),
    szdd: makeSzdd(data),
    xar: makeXar(member),
    chm: makeChm([member]),
    nsis: makeNsis([member]),
    ole: makeOle([member]),
    pdf: pdf(stream(5, '/Type /EmbeddedFile', data)),
    onenote: note(data),
    zst: fixture('zst'),
    lz4: fixture('lz4'),
    'lz4, old': fixture('lz4Legacy'),
    compress: fixture('compress'),
    lzma: fixture('lzma'),
    arj: fixture('arj'),
    lzh: fixture('lzh'),
    squashfs: fixture('squashfs'),
  }
}

/** Carriers that are no archives, and archives that tools made, which hold the marked content themselves. */
function others(): Samples {
  const text = 'a text of some words\n'.repeat(40)
  return {
    ooxml: makeZip([{ name: '[Content_Types].xml', data: Buffer.from('<Types/>') }]),
    'zip with a comment': makeZip([{ name: 'a', data: Buffer.from('a') }]),
    jpg: Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'), Buffer.alloc(900, 0x11)]),
    png: Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(900, 0x11)]),
    gif: Buffer.concat([Buffer.from('GIF89a'), Buffer.alloc(900, 0x11)]),
    rtf: Buffer.from(rtf('0105000002000000')),
    text: Buffer.from(text),
    'long text': Buffer.from(text.repeat(9)),
    html: Buffer.from(`<html><body>${text.repeat(9)}`),
    mail: Buffer.from(`From: a@b\nSubject: c\nMIME-Version: 1.0\n\n${text.repeat(9)}`),
    script: Buffer.from('#!/bin/sh\nexit\n'),
    data: Buffer.alloc(700, 0x81),
    pe: code(Buffer.alloc(600, 0x91)),
    elf: elf(4),
    macho: Buffer.concat([Buffer.from('cffaedfe', 'hex'), Buffer.alloc(900, 0x11)]),
  }
}

describe('what lies behind anything is found, or a gap is told (11)', () => {
  it('has a sample of every kind that is looked for', () => {
    const formats = [...kinds, directorylessZip].map(({ format }) => format)
    const samples = Object.keys(carried).map((name) => name.replace(/[, ].*/, '').replace('rar5', 'rar'))
    expect(formats.filter((format) => !samples.includes(format))).toEqual([])
  })

  it('every sample is found when it is alone', async () => {
    const silent = []
    for (const [name, data] of Object.entries(carried)) if ((await told(data)).length === 0) silent.push(name)
    expect(silent).toEqual([])
  })

  it.each(['at once', 'behind some other bytes', 'in the end'])(
    '%s',
    async (place) => {
      const lead = place === 'behind some other bytes' ? Buffer.from('\x01\x02xyz') : Buffer.alloc(0)
      const rest = place === 'in the end' ? Buffer.alloc(0) : Buffer.from('\x03 and more \x04'.repeat(3))
      const silent: string[] = []
      for (const [carrier, before] of Object.entries(carriers)) {
        const own = await told(before)
        for (const [name, data] of Object.entries(carried)) {
          if (isOneContent(carrier, name) || (rest.length > 0 && programs.has(name))) continue
          const all = await told(Buffer.concat([before, lead, data, rest]))
          if (all.every((one) => own.includes(one))) silent.push(`${carrier} + ${name}`)
        }
      }
      expect(silent).toEqual([])
    },
    180_000,
  )
})

/** Known by a digest of all of it: with something behind it is another one. */
const programs = new Set(['pe', 'elf'])

/** Streams that follow each other are one content by the rules of their format. */
function isOneContent(carrier: string, name: string): boolean {
  if (carrier.startsWith('lz4') && name.startsWith('lz4')) return true
  return (['gz', 'xz', 'bz2', 'zst', 'lzma'].includes(name) && carrier === name) || (carrier === 'rpm' && name === 'gz')
}

/** Findings of the known contents, and gaps. */
async function told(data: Buffer): Promise<string[]> {
  const result = await scanner?.scanFile(lab.file('carrier', data))
  return result === undefined ? [] : [...found(result), ...missed(result)]
}
