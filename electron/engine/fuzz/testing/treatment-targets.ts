// Properties of what changes or keeps files: a cured ZIP has every other member as it was; a sealed copy that was touched is
// refused and never gives another content.
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { openSealed, seal } from '../../quarantine/seal.ts'
import { removeMembers } from '../../treat/cures/zip-cure.ts'
import { readZipDirectory, type ZipMember, ZipRefused } from '../../treat/cures/zip-directory.ts'
import { makeZip, type ZipPart } from '../../treat/testing/zip-fixture.ts'
import { tokensOf } from './fixture.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

export function treatmentTargets(many: number, few: number): Target[] {
  const target = (name: string, count: number, open: () => Promise<Probe>): Target => {
    return { name, group: 'treatment', count, mostCpuMs: 3000, open }
  }
  return [
    target('cure-zip', many, async () => openCure(false)),
    target('cure-office', many, async () => openCure(true)),
    target('seal-small', many, () => openSeal(500)),
    target('seal-chunks', few, () => openSeal(2 * 1024 * 1024 + 77)),
  ]
}

const zipWords = tokensOf(
  '0x504b0304',
  '0x504b0102',
  '0x504b0506',
  '0x504b0708',
  '0x0100',
  '0x7075',
  'm1',
  '/',
  'META-INF/',
)
const officeParts = ['[Content_Types].xml', 'word/document.xml', 'word/vbaProject.bin', 'word/_rels/document.xml.rels']
const xml =
  '<Types><Override PartName="/word/vbaProject.bin" ContentType="v"/></Types>' +
  '<Relationships><Relationship Id="a" Target="vbaProject.bin"/></Relationships>'

function openCure(isOffice: boolean): Probe {
  const other = makeZip([{ name: 'other', content: Buffer.from('other') }]).bytes
  return {
    input: (random) => {
      const { bytes } = makeZip(isOffice ? office(random) : plain(random), 'c'.repeat(random.below(20)))
      // A whole one too: there the removal must succeed.
      return random.oneIn(4)
        ? bytes
        : mutated(bytes, random, { tokens: zipWords, others: [other], mostBytes: 64 * 1024 })
    },
    check: async (zip, random) => checkCure(zip, random),
    close: () => {},
  }
}

function plain(random: Random): ZipPart[] {
  return Array.from({ length: 2 + random.below(5) }, (_, index) => ({
    name: `m${index}${'x'.repeat(random.below(8))}${random.oneIn(9) ? '/' : ''}`,
    ...form(random, random.bytes(random.below(200))),
  }))
}

function office(random: Random): ZipPart[] {
  return officeParts.map((name) => ({ name, ...form(random, Buffer.from(xml.repeat(1 + random.below(3)))) }))
}

function form(random: Random, content: Buffer): Omit<ZipPart, 'name'> {
  return { content, stored: random.oneIn(2), descriptor: random.pick(['none', 'signed', 'bare'] as const) }
}

function checkCure(zip: Buffer, random: Random): void {
  const before = membersOf(zip)
  const names = (before ?? []).map(({ rawName }) => rawName.toString()).filter(() => random.oneIn(2))
  const wanted = new Set(names.length === 0 ? [random.pick(['m0', 'm1', 'word/vbaProject.bin'])] : names)
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
    if (name === '[Content_Types].xml' || name.endsWith('.rels')) continue
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

async function openSeal(sizeBytes: number): Promise<Probe> {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-seal-'))
  const content = Buffer.alloc(sizeBytes, 'content that is sealed; ')
  const masterKey = randomBytes(32)
  const id = QuarantineId.parse('6f9619ff-8b86-4011-b42d-00c04fc964ff')
  const sealed = await sealedCopy(folder, { id, content, masterKey })
  const tokens = tokensOf('AMQ1', '"chunkBytes":1024', '"sizeBytes":1', '"version":1', '}', '"', '0', 'A==')
  const file = join(folder, 'copy')
  return {
    input: (random) =>
      random.oneIn(8)
        ? inOtherOrder(sealed, random)
        : mutated(sealed, random, { tokens, others: [sealed], mostBytes: sealed.length + 4096 }),
    check: async (input) => {
      writeFileSync(file, input)
      const opened = await contentOf(file, id, masterKey)
      if (opened === null) return
      if (!input.equals(sealed)) throw new Error('a copy that was changed is opened')
      if (!opened.equals(content)) throw new Error('another content came out')
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Chunks in the place of others, or missing. */
function inOtherOrder(sealed: Buffer, random: Random): Buffer {
  const chunk = 1024 * 1024 + 16
  const head = sealed.length % chunk
  const chunks = [sealed.subarray(0, head)]
  for (let at = head; at < sealed.length; at += chunk) chunks.push(sealed.subarray(at, at + chunk))
  const [one, other] = [random.below(chunks.length), random.below(chunks.length)]
  if (random.oneIn(2)) return Buffer.concat(chunks.filter((_, index) => index !== one))
  return Buffer.concat(
    chunks.map((piece, index) => chunks[index === one ? other : index === other ? one : index] ?? piece),
  )
}

async function sealedCopy(
  folder: string,
  { id, content, masterKey }: { id: QuarantineId; content: Buffer; masterKey: Buffer },
): Promise<Buffer> {
  const source = join(folder, 'source')
  writeFileSync(source, content)
  const fd = openSync(source, 'r')
  const pieces: Buffer[] = []
  try {
    await seal({
      ...{ source: fd, sizeBytes: content.length, id, masterKey, metadata },
      detectionId: DetectionId.parse('6f9619ff-8b86-4011-b42d-00c04fc964fe'),
      storedAt: '2026-03-01T00:00:00.000Z',
      write: (bytes) => void pieces.push(Buffer.from(bytes)),
    })
  } finally {
    closeSync(fd)
  }
  return Buffer.concat(pieces)
}

const metadata = QuarantineMetadata.parse({
  version: 1,
  path: { text: '/home/x/bad.bin' },
  identity: {
    ...{ dev: '1', ino: '2', size: 3, mtimeNs: '4', ctimeNs: '5', birthtimeNs: '6', nlink: 1, sha256: 'a'.repeat(64) },
  },
  ...{ mode: 0o644, uid: 0, gid: 0, atimeNs: '7', threats: ['Test'], databaseVersion: '1', verb: 'delete' },
  ...{ origin: { kind: 'local' }, bootToken: 'boot' },
})

/** Null when it is refused; whatever came out before is what it should be, or it is an error. */
async function contentOf(file: string, id: QuarantineId, masterKey: Buffer): Promise<Buffer | null> {
  const fd = openSync(file, 'r')
  const pieces: Buffer[] = []
  try {
    const opened = openSealed(fd, id, masterKey)
    if (JSON.stringify(opened.metadata) !== JSON.stringify(metadata)) throw new Error('other metadata came out')
    for await (const piece of opened.content()) pieces.push(piece)
    return Buffer.concat(pieces)
  } catch (error) {
    if (error instanceof ProductError && /^vault-(damaged|key-lost)$/.test(error.code)) return null
    throw error
  } finally {
    closeSync(fd)
  }
}
