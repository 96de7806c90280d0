// Contents that go in windows because of their size: what of them could not be looked at is told as it is for small ones.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Scanner } from '../scanner.ts'
import { makeTar, makeWithSevenZip } from '../unpack/testing/archives.ts'
import { makeInstaller } from '../unpack/testing/nsis.ts'
import { makeOle } from '../unpack/testing/ole.ts'
import { program, type Section } from './heuristics/testing/programs.ts'
import { Lab, missed } from './testing/lab.ts'

const lab = new Lab()
afterAll(() => lab.dispose())

const KB = 1024
/** Nothing that anything is found in, and not compressible. */
const noise = Buffer.concat(
  Array.from({ length: 10 * KB }, (_, at) => createHash('sha512').update(`noise ${at}`).digest()),
)
/** What is larger goes in windows: as a file, and as a member. */
const large = { wholeFileBytes: 40 * KB, memberBytes: 40 * KB, windowBytes: 100 * KB, windowOverlapBytes: 70 * KB }

const code = (data: Buffer): Section => ({ flags: 0x60000020, address: 0x1000, data })
const windowsProgram = program(0x1000, [code(noise)])
const linuxProgram = readFileSync('/bin/bash')

/** In programs made by `program`. */
const firstSectionName = 0x58 + 0xe0

function withText(data: Buffer, text: string, at: number): Buffer {
  const changed = Buffer.from(data)
  changed.write(text, at)
  return changed
}

function pdf(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(['%PDF-1.7\n', ...parts].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)))
}

/** A table of objects that is a stream, far from the end: the last lines say where it is. */
function pdfWithStream(dictionary: string): Buffer {
  const before = pdf(noise)
  return Buffer.concat([
    before,
    Buffer.from(`9 0 obj << /Type /XRef ${dictionary} >> stream\n`),
    noise,
    Buffer.from(`\nendstream endobj\nstartxref\n${before.length}\n%%EOF\n`),
  ])
}

interface Case {
  readonly data: Buffer
  /** As a file, and as a member of a tar that goes in windows itself. */
  readonly asFile: readonly string[]
  readonly asMember: readonly string[]
}
const same = (data: Buffer, ...reasons: readonly string[]): Case => ({ data, asFile: reasons, asMember: reasons })

const names = [
  'a program for Windows',
  'a program for Linux',
  'a script',
  'a packed program for Windows (12)',
  'a packed program for Linux (12)',
  'a program for Windows that was cut (16)',
  'a program for Linux that was cut (16)',
  'a locked document (25)',
  'a locked PDF (25)',
  'a PDF that is not',
  'a locked PDF that says so in its middle (25)',
  'an installer',
  'a program that unpacks itself',
  'a script that unpacks itself',
  'a tar that begins like a picture',
] as const

let scanner: Scanner
let cases: Record<(typeof names)[number], Case>
beforeAll(async () => {
  scanner = await lab.scanner(undefined, large)
  const sevenZip = await makeWithSevenZip(['-t7z'], { a: noise })
  const script = Buffer.from('#!/bin/sh\ntail -n +3 "$0" | tar xz\nexit\n')
  cases = {
    'a program for Windows': same(windowsProgram),
    'a program for Linux': same(linuxProgram),
    'a script': same(Buffer.concat([Buffer.from('#!/bin/sh\n'), Buffer.alloc(200 * KB, 'echo hello\n')])),
    'a packed program for Windows (12)': same(withText(windowsProgram, 'UPX0\0', firstSectionName), 'packer'),
    'a packed program for Linux (12)': same(withText(linuxProgram, 'UPX!', 400), 'packer'),
    'a program for Windows that was cut (16)': same(windowsProgram.subarray(0, -1), 'truncated'),
    'a program for Linux that was cut (16)': same(linuxProgram.subarray(0, -1), 'truncated'),
    'a locked document (25)': same(
      makeOle([
        { name: 'EncryptedPackage', data: noise.subarray(0, 8 * KB) },
        { name: 'Rest', data: noise.subarray(0, 40 * KB) },
      ]),
      'encrypted',
      'too-big',
    ),
    'a locked PDF (25)': same(
      pdf(noise, 'trailer << /Encrypt 5 0 R >>\nstartxref\n9\n%%EOF\n'),
      'encrypted',
      'too-big',
    ),
    'a PDF that is not': same(pdf(noise, 'trailer << /Root 5 0 R >>\nstartxref\n9\n%%EOF\n'), 'too-big'),
    'a locked PDF that says so in its middle (25)': {
      data: pdfWithStream('/Encrypt 5 0 R'),
      asFile: ['encrypted', 'too-big'],
      asMember: ['too-big'],
    },
    'an installer': same(makeInstaller(windowsProgram, [{ name: 'a', data: noise }]), 'too-big'),
    'a program that unpacks itself': same(Buffer.concat([windowsProgram, sevenZip]), 'too-big'),
    'a script that unpacks itself': same(Buffer.concat([script, gzipSync(noise)]), 'too-big'),
    'a tar that begins like a picture': same(makeTar([{ name: 'GIF89a', data: noise }]), 'too-big'),
  }
})

describe.each([
  ['a file', (name: string, data: Buffer) => lab.file(name, data), ''],
  ['a member', (name: string, data: Buffer) => lab.file(name, makeTar([{ name: 'm', data }])), 'm!'],
] as const)('as %s', (_, put, place) => {
  it.each(names)('%s', async (name) => {
    const { data, asFile, asMember } = cases[name]
    expect(data.length).toBeGreaterThan(large.wholeFileBytes)
    const expected = place === '' ? asFile : asMember
    const result = await scanner.scanFile(put('large', data))
    expect(missed(result).sort()).toEqual(expected.map((reason) => `${place}${reason}`))
    expect(result).toMatchObject({ coverage: { kind: expected.length === 0 ? 'full' : 'partial' } })
  })
})
