// Properties of the cures: whatever a content is, none throws or takes long, and what comes out has everything that was not to go
// as it was: members of a ZIP, streams of an OLE document, mails of a mailbox. A program that comes out is a whole one.
import { smallElf, smallPe } from '../../databases/clamav/testing/programs.ts'
import type { CureInput, CureResult } from '../../treat/cures/cure.ts'
import { mailCure } from '../../treat/cures/mail-cure.ts'
import { oleCure } from '../../treat/cures/ole-cure.ts'
import { type OleEntry, OleRefused, readOleTree } from '../../treat/cures/ole-tree.ts'
import { isWholeProgram } from '../../treat/cures/program-check.ts'
import { recipeCure } from '../../treat/cures/recipe-cure.ts'
import { removeMembers } from '../../treat/cures/zip-cure.ts'
import { readZipDirectory, type ZipMember, ZipRefused } from '../../treat/cures/zip-directory.ts'
import { cureInput } from '../../treat/testing/cure-input.ts'
import { officeDocument, openDocument } from '../../treat/testing/document-fixtures.ts'
import { makeMail, makeMailbox, textPart } from '../../treat/testing/mails.ts'
import { makeOleDocument } from '../../treat/testing/ole-document.ts'
import { makeZip, type ZipPart } from '../../treat/testing/zip-fixture.ts'
import { mailsOf } from '../../unpack/mail/mailboxes.ts'
import { tokensOf } from './fixture.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

/** `many`: inputs of a short run. */
export function cureTargets(many: number): Target[] {
  const target = (name: string, probe: () => Probe): Target => {
    return { name, group: 'treatment', count: many, mostCpuMs: 3000, open: async () => probe() }
  }
  return [
    target('cure-zip', () => openCure(plain)),
    target('cure-office', () => openCure(office)),
    target('cure-opendocument', () => openCure(openOffice)),
    target('cure-ole', openOle),
    target('cure-mail', openMail),
    target('cure-program', openProgram),
  ]
}

const zipWords = tokensOf(
  '0x504b0304',
  '0x504b0102',
  '0x504b0506',
  '0x504b0708',
  '0x0100',
  ...[
    '0x7075',
    '<Override ',
    '<Relationship Target="',
    '<!--',
    '<![CDATA[',
    '/>',
    '</Types>',
    '&#x2f;',
    'full-path="Basic/',
  ],
  'm1',
  '/',
  'META-INF/',
)
function openCure(make: (random: Random) => Buffer): Probe {
  const other = makeZip([{ name: 'other', content: Buffer.from('other') }]).bytes
  return {
    input: (random) => {
      const bytes = make(random)
      // A whole one too: there the removal must succeed.
      return random.oneIn(4)
        ? bytes
        : mutated(bytes, random, { tokens: zipWords, others: [other], mostBytes: 64 * 1024 })
    },
    check: async (zip, random) => checkCure(zip, random),
    close: () => {},
  }
}

function plain(random: Random): Buffer {
  const parts = Array.from({ length: 2 + random.below(5) }, (_, index) => ({
    name: `m${index}${'x'.repeat(random.below(8))}${random.oneIn(9) ? '/' : ''}`,
    ...form(random, random.bytes(random.below(200))),
  }))
  return makeZip(parts, 'c'.repeat(random.below(20))).bytes
}

function office(random: Random): Buffer {
  const part = (): Buffer | undefined => (random.oneIn(4) ? undefined : random.bytes(random.below(300)))
  return officeDocument(without({ project: part(), object: part() })).bytes
}

function openOffice(random: Random): Buffer {
  const part = (): Buffer | undefined => (random.oneIn(4) ? undefined : random.bytes(random.below(300)))
  return openDocument(without({ project: part(), object: part() })).bytes
}

/** Without the keys that have no value. */
function without(content: { readonly project: Buffer | undefined; readonly object: Buffer | undefined }): {
  project?: Buffer
  object?: Buffer
} {
  const { project, object } = content
  return { ...(project === undefined ? {} : { project }), ...(object === undefined ? {} : { object }) }
}

function form(random: Random, content: Buffer): Omit<ZipPart, 'name'> {
  return { content, stored: random.oneIn(2), descriptor: random.pick(['none', 'signed', 'bare'] as const) }
}

function checkCure(zip: Buffer, random: Random): void {
  const before = membersOf(zip)
  const names = (before ?? []).map(({ rawName }) => rawName.toString()).filter(() => random.oneIn(2))
  const wanted = new Set(
    names.length === 0 ? [random.pick(['m0', 'm1', 'word/vbaProject.bin', 'Basic/Standard/Module1.xml'])] : names,
  )
  const cured = removeMembers(zip, wanted)
  if (cured.kind !== 'cured') return
  if (before === null) throw new Error('cured although its directory is refused')
  if (cured.bytes.length >= zip.length) throw new Error('not shorter than before')
  const after = membersOf(cured.bytes)
  if (after === null) throw new Error('what came out is refused itself')
  if (
    after.length > before.length - wanted.size ||
    (cured.companions === 0 && after.length < before.length - wanted.size)
  )
    throw new Error(`${after.length} members are left`)
  const kept = new Map(before.map((member) => [member.rawName.toString('latin1'), recordOf(zip, member)]))
  for (const member of after) {
    const name = member.rawName.toString('latin1')
    if (wanted.has(member.rawName.toString())) throw new Error(`${name} is still there`)
    const old = kept.get(name)
    if (old === undefined) throw new Error(`${name} was not there before`)
    // Of an Office document the lists that name a removed part are written anew.
    if (name === '[Content_Types].xml' || name.endsWith('.rels') || name === 'META-INF/manifest.xml') continue
    if (!old.equals(recordOf(cured.bytes, member))) throw new Error(`${name} is not what it was`)
  }
}

function membersOf(zip: Buffer): readonly ZipMember[] | null {
  try {
    return readZipDirectory(zip).members
  } catch (error) {
    if (error instanceof ZipRefused) return null
    throw error
  }
}

/** The whole local record, and all of the entry but its place. */
function recordOf(zip: Buffer, { start, end, entry }: ZipMember): Buffer {
  return Buffer.concat([zip.subarray(start, end), entry.subarray(0, 42), entry.subarray(46)])
}

const oleWords = tokensOf('0xfeffffff', '0xffffffff', '0xfdffffff', '0x0900', '0x0c00', '0x01', '0x02', '0x05')

function openOle(): Probe {
  const macros = {
    VBA: { Module1: Buffer.alloc(5000, 'm'), dir: Buffer.alloc(70, 'd') },
    PROJECT: Buffer.alloc(70, 'p'),
  }
  const objects = { _1: { data: Buffer.alloc(4500, 'o'), small: Buffer.alloc(90, 's') } }
  const text = {
    WordDocument: Buffer.alloc(6000, 't'),
    '1Table': Buffer.alloc(300, 'x'),
    Data: { a: Buffer.alloc(80, 'a') },
  }
  const documents = ([512, 4096] as const).map((size) =>
    makeOleDocument({ ...text, Macros: macros, ObjectPool: objects }, size),
  )
  return {
    input: (random) =>
      mutated(random.pick(documents), random, { tokens: oleWords, others: documents, mostBytes: 128 * 1024 }),
    check: async (bytes, random) => {
      const members = [random.pick([['VBA/Module1.bas'], ['a.exe'], ['ObjectPool/_1/data'], []])]
      const result = oleCure.cure(cureInput(bytes, { members }))
      if (result.kind === 'cured') checkStreams(bytes, result.bytes)
    },
    close: () => {},
  }
}

function checkStreams(before: Buffer, after: Buffer): void {
  if (after.length !== before.length) throw new Error('another size')
  const [old, now] = [streamsOf(before), streamsOf(after)]
  if (old === null || now === null) throw new Error('cured although it is refused')
  if (now.size >= old.size) throw new Error('nothing was cut')
  for (const [path, content] of now)
    if (old.get(path)?.equals(content) !== true) throw new Error(`${path} is not what it was`)
}

/** By path; several of one path count once, with all their bytes. */
function streamsOf(bytes: Buffer): Map<string, Buffer> | null {
  try {
    const tree = readOleTree(bytes)
    const streams = new Map<string, Buffer>()
    const walk = (entry: OleEntry, path: string): void => {
      const pieces = tree.rangesOf(entry).map(({ at, length }) => bytes.subarray(at, at + length))
      if (entry.kind === 'stream') streams.set(path, Buffer.concat([streams.get(path) ?? Buffer.alloc(0), ...pieces]))
      for (const child of entry.children) walk(child, `${path}/${child.at}:${child.name}`)
    }
    walk(tree.root, '')
    return streams
  } catch (error) {
    if (error instanceof OleRefused) return null
    throw error
  }
}

const mailWords = tokensOf(
  ...[
    '--b1',
    '\n\nFrom ',
    'From ',
    'Content-Type: ',
    'multipart/mixed; boundary=',
    'message/rfc822',
    'Content-Length: 9',
  ],
  ...[
    'begin 644 evil\n',
    'end\n',
    'name="evil"',
    '-----BEGIN PGP ',
    '\r\n',
    '\n',
    'quoted-printable',
    'QUJD'.repeat(19),
  ],
)

function openMail(): Probe {
  const part = (name: string) => ({ name, content: Buffer.alloc(300, `${name} `) })
  const mail = makeMail({ parts: [textPart, part('evil'), part('good')], eol: '\n' })
  const box = makeMailbox([mail, mail, mail])
  return {
    input: (random) =>
      mutated(random.oneIn(2) ? mail : box, random, { tokens: mailWords, others: [mail, box], mostBytes: 64 * 1024 }),
    check: async (bytes, random) => {
      const inBox = [['2.eml', 'evil'], ['1.eml']]
      const members = random.oneIn(2) ? inBox.slice(random.below(2)) : [['evil']]
      const result = mailCure.cure(cureInput(bytes, { members }))
      if (result.kind !== 'cured') return
      if (!result.bytes.includes('removed a part of this message')) throw new Error('nothing tells what was removed')
      const [before, after] = [bytes, result.bytes].map((each) => [...mailsOf(each)].length)
      if (before !== after) throw new Error(`${before} mails became ${after}`)
    },
    close: () => {},
  }
}

/** Recipes as they are written, and with places that lead anywhere. */
function openProgram(): Probe {
  const elf = smallElf(Buffer.alloc(500, 'host'), 0x60)
  const pe = smallPe([{ address: 0x1000, content: Buffer.alloc(700, 'host') }], 0x1010)
  const infected = [Buffer.concat([elf, elf]), Buffer.concat([pe, Buffer.alloc(64, 'virus')])]
  return {
    input: (random) =>
      mutated(random.pick(infected), random, { tokens: [elf.subarray(0, 8)], others: infected, mostBytes: 32 * 1024 }),
    check: async (bytes, random) => {
      const place = (): number =>
        random.pick([0, -1, 1, -64, 64, elf.length, pe.length, -elf.length, random.below(4000), -random.below(4000)])
      const format = random.pick(['elf', 'pe'] as const)
      const recipe: CureInput['recipes'][number] = {
        threat: 'Test.*',
        format,
        match: [{ at: 0, bytes: '????' }],
        restore: [[place(), place(), place()]],
        truncate: random.oneIn(2) ? place() : { at: place(), bytes: random.pick([2, 4, 8] as const) },
        fixups: [
          { at: place(), bytes: '00' },
          { at: place(), zeros: 1 + random.below(300) },
        ],
      }
      const recipes = random.oneIn(2) ? [recipe] : [{ ...recipe, fixups: [], truncate: -64, restore: [] }, recipe]
      checkProgram(recipeCure.cure(cureInput(bytes, { members: [[]] }, recipes)), bytes, format)
    },
    close: () => {},
  }
}

function checkProgram(result: CureResult, before: Buffer, format: 'elf' | 'pe'): void {
  if (result.kind !== 'cured') return
  if (result.bytes.length > before.length) throw new Error('it grew')
  if (!isWholeProgram(result.bytes, format)) throw new Error('not a whole program')
}
