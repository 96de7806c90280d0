// Properties of what keeps files: a sealed copy that was touched is refused and never gives another content.
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { openSealed, seal } from '../../quarantine/seal.ts'
import { tokensOf } from './fixture.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

export function treatmentTargets(many: number, few: number): Target[] {
  const target = (name: string, count: number, open: () => Promise<Probe>): Target => {
    return { name, group: 'treatment', count, mostCpuMs: 3000, open }
  }
  return [
    target('seal-small', many, () => openSeal(500)),
    target('seal-chunks', few, () => openSeal(2 * 1024 * 1024 + 77)),
  ]
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
