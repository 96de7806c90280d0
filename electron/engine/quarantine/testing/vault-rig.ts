// A store in a temporary folder, made anew for each test, with a clock that stands still. Used by tests only.
import { createHash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { identityOf } from '../../files/identity.ts'
import { createVault, type Vault, type VaultOptions } from '../vault.ts'
import { fileOf } from '../vault-index.ts'

export const rigKey = Buffer.alloc(32, 1)

/** Sets up and tears down with the tests of the file that calls it. */
export function vaultRig() {
  const opened: Vault[] = []
  let root = ''
  let now = new Date(0)
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'vault-'))
    now = new Date('2026-03-01T00:00:00Z')
  })
  afterEach(() => {
    for (const vault of opened.splice(0)) vault.close()
    rmSync(root, { recursive: true, force: true })
  })

  function open(change: Partial<VaultOptions> = {}): Vault {
    const dataDir = join(root, 'data')
    const vault = createVault({ dataDir, masterKey: rigKey, retentionDays: 30, now: () => now, ...change })
    opened.push(vault)
    return vault
  }

  /** Puts a file with this content into the store. */
  async function put(vault: Vault, content: Buffer, change: Partial<QuarantineMetadata> = {}): Promise<QuarantineId> {
    const file = join(root, 'evil.exe')
    writeFileSync(file, content)
    const fd = openSync(file, 'r')
    const id = QuarantineId.parse(randomUUID())
    try {
      const sha256 = createHash('sha256').update(content).digest('hex')
      const identity = identityOf(fstatSync(fd, { bigint: true }), sha256)
      const metadata = metadataOf({ path: { text: file }, identity, ...change })
      await vault.put({ id, detectionId: DetectionId.parse(randomUUID()), source: fd, metadata })
      return id
    } finally {
      closeSync(fd)
    }
  }

  return {
    open,
    put,
    root: () => root,
    dataDir: () => join(root, 'data'),
    store: () => join(root, 'data/quarantine'),
    sealedFile: (id: QuarantineId) => fileOf(join(root, 'data/quarantine'), id),
    at: (time: string) => {
      now = new Date(time)
    },
  }
}

/** As the first version wrote it, but for what is given. */
export function metadataOf(
  given: Pick<QuarantineMetadata, 'path' | 'identity'> & Partial<QuarantineMetadata>,
): QuarantineMetadata {
  return {
    version: 1,
    mode: 0o644,
    uid: 0,
    gid: 0,
    atimeNs: '0',
    threats: ['Lab.Marker'],
    databaseVersion: 'lab-1',
    verb: 'delete',
    origin: { kind: 'local' },
    bootToken: 'boot-1',
    ...given,
  }
}

/** The whole content of a copy. */
export async function contentOf(vault: Vault, id: QuarantineId): Promise<Buffer> {
  const copy = vault.open(id)
  try {
    const parts: Buffer[] = []
    for await (const part of copy.content()) parts.push(part)
    return Buffer.concat(parts)
  } finally {
    copy.close()
  }
}
