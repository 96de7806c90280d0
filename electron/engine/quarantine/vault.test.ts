import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { codeOf } from '#shared/errors.ts'
import { identityOf } from '../files/identity.ts'
import { createVault, type Vault, type VaultOptions } from './vault.ts'
import { fileOf } from './vault-index.ts'

let root = ''
let now = new Date('2026-03-01T00:00:00Z')
const opened: Vault[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vault-'))
  now = new Date('2026-03-01T00:00:00Z')
})
afterEach(() => {
  for (const vault of opened.splice(0)) vault.close()
  rmSync(root, { recursive: true, force: true })
})

const masterKey = Buffer.alloc(32, 1)
const sealedFile = (id: QuarantineId): string => fileOf(join(root, 'data/quarantine'), id)

function open(change: Partial<VaultOptions> = {}): Vault {
  const vault = createVault({ dataDir: join(root, 'data'), masterKey, retentionDays: 30, now: () => now, ...change })
  opened.push(vault)
  return vault
}

async function put(vault: Vault, content: Buffer, name = 'evil.exe'): Promise<QuarantineId> {
  const file = join(root, name)
  writeFileSync(file, content)
  const fd = openSync(file, 'r')
  const id = QuarantineId.parse(randomUUID())
  try {
    const identity = identityOf(fstatSync(fd, { bigint: true }), createHash('sha256').update(content).digest('hex'))
    await vault.put({
      id,
      detectionId: DetectionId.parse(randomUUID()),
      source: fd,
      metadata: {
        version: 1,
        path: { text: file },
        identity,
        mode: 0o644,
        uid: 0,
        gid: 0,
        atimeNs: '0',
        threats: ['Lab.Marker'],
        databaseVersion: 'lab-1',
        verb: 'delete',
        origin: { kind: 'local' },
        bootToken: 'boot-1',
      },
    })
    return id
  } finally {
    closeSync(fd)
  }
}

async function contentOf(vault: Vault, id: QuarantineId): Promise<Buffer> {
  const copy = vault.open(id)
  try {
    const parts: Buffer[] = []
    for await (const part of copy.content()) parts.push(part)
    return Buffer.concat(parts)
  } finally {
    copy.close()
  }
}

const codeFrom = async (act: () => Promise<unknown>): Promise<string> => {
  try {
    await act()
    return 'none'
  } catch (error) {
    return codeOf(error)
  }
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >> 8) % below
  }
}

describe('a copy in Quarantine', () => {
  it('gives back exactly what was stored, for every size around a chunk (fixed seed)', async () => {
    const vault = open()
    const next = random(5)
    const chunk = 1024 * 1024
    for (const size of [
      0,
      1,
      15,
      chunk - 1,
      chunk,
      chunk + 1,
      2 * chunk,
      3 * chunk + 7,
      next(chunk),
      next(3 * chunk),
    ]) {
      const content = Buffer.alloc(size)
      for (let at = 0; at < size; at += 997) content[at] = next(256)
      const id = await put(vault, content)
      expect((await contentOf(vault, id)).equals(content)).toBe(true)
      expect(await vault.verify(id, createHash('sha256').update(content).digest('hex'))).toBe(true)
      expect(await vault.verify(id, '0'.repeat(64))).toBe(false)
      vault.delete([id])
    }
  })

  it('shows neither name nor content on disk and is for our user alone', async () => {
    const vault = open()
    const id = await put(vault, Buffer.from('secret-looking content'))
    const sealed = readFileSync(sealedFile(id))
    expect(sealed.includes('secret-looking')).toBe(false)
    expect(sealed.includes('evil.exe')).toBe(false)
    expect(sealed.subarray(0, 4).toString()).toBe('AMQ1')
    expect(statSync(sealedFile(id)).mode & 0o777).toBe(0o600)
    expect(statSync(join(root, 'data/quarantine')).mode & 0o777).toBe(0o700)
  })

  it('that was changed, cut, extended or swapped is damaged (63)', async () => {
    const vault = open()
    const content = Buffer.alloc(2 * 1024 * 1024 + 100, 'x')
    const id = await put(vault, content)
    const whole = readFileSync(sealedFile(id))
    const next = random(11)
    const wrong = [
      ...Array.from({ length: 40 }, () => {
        const changed = Buffer.from(whole)
        const at = next(whole.length)
        changed[at] = (changed[at] ?? 0) ^ (1 << next(8))
        return changed
      }),
      whole.subarray(0, whole.length - 1),
      whole.subarray(0, whole.length - 116),
      whole.subarray(0, 3),
      Buffer.concat([whole, Buffer.from('x')]),
      Buffer.alloc(0),
    ]
    for (const bytes of wrong) {
      writeFileSync(sealedFile(id), bytes)
      const code = await codeFrom(() => contentOf(vault, id))
      expect(['vault-damaged', 'vault-key-lost']).toContain(code)
      expect(await vault.verify(id, createHash('sha256').update(content).digest('hex'))).toBe(false)
    }
    const other = await put(vault, Buffer.from('other'))
    renameSync(sealedFile(other), sealedFile(id))
    expect(await codeFrom(() => contentOf(vault, id))).toBe('vault-damaged')
    expect(vault.delete([id])).toBe(1)
  })

  it('cannot be opened with another key but can be listed and deleted', async () => {
    const id = await put(open(), Buffer.from('content'))
    const other = open({ masterKey: Buffer.alloc(32, 2) })
    expect(other.list()).toHaveLength(1)
    expect(await codeFrom(() => contentOf(other, id))).toBe('vault-key-lost')
    expect(other.delete([id])).toBe(1)
    expect(open().list()).toEqual([])
  })

  it('is not stored when its content is not the scanned one', async () => {
    const vault = open()
    const fd = openSync('/dev/null', 'r')
    closeSync(fd)
    const file = join(root, 'f')
    writeFileSync(file, 'now')
    const source = openSync(file, 'r')
    const identity = identityOf(fstatSync(source, { bigint: true }), createHash('sha256').update('was').digest('hex'))
    const metadata = {
      version: 1,
      path: { text: file },
      identity,
      mode: 0,
      uid: 0,
      gid: 0,
      atimeNs: '0',
      threats: ['T'],
      databaseVersion: '',
      verb: 'delete',
      origin: { kind: 'local' },
      bootToken: '',
    } as const
    const order = { id: QuarantineId.parse(randomUUID()), detectionId: DetectionId.parse(randomUUID()), source }
    expect(await codeFrom(() => vault.put({ ...order, metadata: { ...metadata, threats: ['T'] } }))).toBe(
      'object-changed',
    )
    closeSync(source)
    expect(vault.list()).toEqual([])
  })
})

describe('the index', () => {
  it('is rebuilt from the copies, with their names when the key is there', async () => {
    const vault = open()
    const id = await put(vault, Buffer.from('content'))
    const before = vault.list()
    rmSync(join(root, 'data/quarantine/index.jsonl'))
    expect(open().list()).toEqual(before)
    rmSync(join(root, 'data/quarantine/index.jsonl'))
    const blind = open({ masterKey: Buffer.alloc(32, 9) })
    expect(blind.list()).toMatchObject([{ id, threat: '?', sizeBytes: 7 }])
    expect(blind.delete([id])).toBe(1)
  })

  it('forgets copies whose file is gone and half-written ones', async () => {
    const vault = open()
    const id = await put(vault, Buffer.from('content'))
    const kept = await put(vault, Buffer.from('kept'))
    writeFileSync(`${sealedFile(kept)}.part`, 'half')
    rmSync(sealedFile(id))
    const again = open()
    expect(again.list().map((item) => item.id)).toEqual([kept])
    expect(
      readdirSync(join(root, 'data/quarantine'), { recursive: true }).some((name) => String(name).endsWith('.part')),
    ).toBe(false)
  })
})

describe('the limits', () => {
  it('refuse an object that is too large, a full store and a full volume, and leave nothing behind', async () => {
    const large = open({ limits: { objectBytes: 10 } })
    expect(await codeFrom(() => put(large, Buffer.alloc(11)))).toBe('too-large')
    const small = open({ limits: { totalBytes: 10_000 } })
    await put(small, Buffer.alloc(3_000))
    expect(await codeFrom(() => put(small, Buffer.alloc(6_000)))).toBe('backup-failed')
    const full = open({ freeSpace: () => ({ free: 5_000, total: 100_000 }) })
    expect(await codeFrom(() => put(full, Buffer.alloc(10)))).toBe('disk-full')
    let room = 1
    const broken = open({
      write: () => {
        if (room-- <= 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
      },
    })
    expect(await codeFrom(() => put(broken, Buffer.alloc(10)))).toBe('disk-full')
    expect(
      readdirSync(join(root, 'data/quarantine'), { recursive: true }).some((name) => String(name).endsWith('.part')),
    ).toBe(false)
  })

  it('let old copies go to make room, never young or waiting ones', async () => {
    const vault = open({ limits: { totalBytes: 16_000 } })
    const old = await put(vault, Buffer.alloc(4_000))
    const waiting = await put(vault, Buffer.alloc(1_000))
    vault.hold(waiting)
    now = new Date('2026-03-20T00:00:00Z')
    const young = await put(vault, Buffer.alloc(1_000))
    expect(await codeFrom(() => put(vault, Buffer.alloc(8_000)))).toBe('backup-failed')
    now = new Date('2026-04-10T00:00:00Z')
    expect(vault.list().find((item) => item.id === old)?.expiresAt).toBe('2026-03-31T00:00:00.000Z')
    const fresh = await put(vault, Buffer.alloc(4_000))
    expect(new Set(vault.list().map((item) => item.id))).toEqual(new Set([waiting, young, fresh]))
    vault.release(waiting)
    expect(vault.purge()).toBe(1)
  })
})
