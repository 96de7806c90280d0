// The store of copies: what goes in comes out, what was touched is refused, and room and age are kept to.
import { createHash, randomUUID } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { identityOf } from '../files/identity.ts'
import { createQuarantine } from './quarantine.ts'
import { codeFrom } from './testing/quarantine-lab.ts'
import { contentOf, metadataOf, vaultRig } from './testing/vault-rig.ts'

const rig = vaultRig()
const { open, put, sealedFile } = rig
const halves = () => readdirSync(rig.store(), { recursive: true }).filter((name) => String(name).endsWith('.part'))
const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex')

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
    return (state >> 8) % below
  }
}

describe('a copy in Quarantine', () => {
  it('gives back exactly what was stored, for every size around a chunk (46, fixed seed)', async () => {
    const vault = open()
    const next = random(5)
    const chunk = 1024 * 1024
    const around = [0, 1, 15, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk + 7]
    for (const size of [...around, next(chunk), next(3 * chunk)]) {
      const content = Buffer.alloc(size)
      for (let at = 0; at < size; at += 997) content[at] = next(256)
      const id = await put(vault, content)
      expect((await contentOf(vault, id)).equals(content)).toBe(true)
      expect(await vault.verify(id, sha256(content))).toBe(true)
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
    expect(statSync(rig.store()).mode & 0o777).toBe(0o700)
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
      expect(['vault-damaged', 'vault-key-lost']).toContain(await codeFrom(contentOf(vault, id)))
      expect(await vault.verify(id, sha256(content))).toBe(false)
    }
    const other = await put(vault, Buffer.from('other'))
    renameSync(sealedFile(other), sealedFile(id))
    expect(await codeFrom(contentOf(vault, id))).toBe('vault-damaged')
    expect(vault.get(id)).toMatchObject({ condition: 'damaged', restorable: false })
    expect(vault.delete([id])).toBe(1)
  })

  it('cannot be opened with another key but is listed as such and can be deleted', async () => {
    const id = await put(open(), Buffer.from('content'))
    const other = open({ masterKey: Buffer.alloc(32, 2) })
    expect(other.list()).toMatchObject([{ id, condition: 'key-lost', restorable: false }])
    expect(other.get(id).originalPath.text).toContain('evil.exe')
    expect(await codeFrom(contentOf(other, id))).toBe('vault-key-lost')
    expect(other.delete([id])).toBe(1)
    expect(open().list()).toEqual([])
  })

  it('is not stored when its content is not the scanned one', async () => {
    const vault = open()
    const file = join(rig.root(), 'f')
    writeFileSync(file, 'now')
    const source = openSync(file, 'r')
    const identity = identityOf(fstatSync(source, { bigint: true }), sha256(Buffer.from('was')))
    const order = { id: QuarantineId.parse(randomUUID()), detectionId: DetectionId.parse(randomUUID()), source }
    const metadata = metadataOf({ path: { text: file }, identity })
    expect(await codeFrom(vault.put({ ...order, metadata }))).toBe('object-changed')
    closeSync(source)
    expect(vault.list()).toEqual([])
    expect(halves()).toEqual([])
  })

  it('of an earlier version, without what is kept besides now, is still read', () => {
    const path = { text: '/a' }
    const stamps = { mtimeNs: '1', ctimeNs: '1', birthtimeNs: '1' }
    const identity = { dev: '1', ino: '2', size: 3, nlink: 1, sha256: 'a'.repeat(64), ...stamps }
    expect(QuarantineMetadata.parse(metadataOf({ path, identity }))).toEqual(metadataOf({ path, identity }))
  })
})

describe('the limits', () => {
  it('refuse an object that is too large, a full store and a full volume, and leave nothing behind (47)', async () => {
    const large = open({ limits: { objectBytes: 10 } })
    expect(await codeFrom(put(large, Buffer.alloc(11)))).toBe('too-large')
    const small = open({ limits: { totalBytes: 10_000 } })
    await put(small, Buffer.alloc(3_000))
    expect(await codeFrom(put(small, Buffer.alloc(6_000)))).toBe('backup-failed')
    const full = open({ freeSpace: () => ({ free: 5_000, total: 100_000 }) })
    expect(await codeFrom(put(full, Buffer.alloc(10)))).toBe('disk-full')
    expect(halves()).toEqual([])
  })

  it('hold at every write that fails: nothing of it is left, and the next one works', async () => {
    const before = open()
    const first = await put(before, Buffer.from('first'))
    before.close()
    for (let failing = 0; ; failing += 1) {
      let writes = 0
      const vault = open({
        write: (fd, bytes) => {
          writes += 1
          if (writes > failing) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
          writeFileSync(fd, bytes)
        },
      })
      const code = await codeFrom(put(vault, Buffer.alloc(10, 1)))
      const ids = vault.list().map(({ id }) => id)
      vault.close()
      expect(halves(), `write ${failing}`).toEqual([])
      if (code === 'none') {
        expect(failing).toBeGreaterThan(2)
        expect(ids).toHaveLength(2)
        return
      }
      expect(code).toBe('disk-full')
      expect(ids).toEqual([first])
      const again = open()
      expect(again.list().map(({ id }) => id)).toEqual([first])
      again.close()
    }
  })

  it('let old copies go to make room, never young or waiting ones', async () => {
    const vault = open({ limits: { totalBytes: 16_000 } })
    const old = await put(vault, Buffer.alloc(4_000))
    const waiting = await put(vault, Buffer.alloc(1_000))
    vault.hold(waiting)
    rig.at('2026-03-20T00:00:00Z')
    const young = await put(vault, Buffer.alloc(1_000))
    expect(await codeFrom(put(vault, Buffer.alloc(8_000)))).toBe('backup-failed')
    rig.at('2026-04-10T00:00:00Z')
    expect(vault.get(old).expiresAt).toBe('2026-03-31T00:00:00.000Z')
    const fresh = await put(vault, Buffer.alloc(4_000))
    expect(new Set(vault.list().map((item) => item.id))).toEqual(new Set([waiting, young, fresh]))
    vault.release(waiting)
    expect(vault.purge()).toBe(1)
  })

  it('follow the settings: a longer time keeps what a shorter one would remove, and no limit keeps all', async () => {
    const id = await put(open(), Buffer.from('content'))
    rig.at('2027-03-01T00:00:00Z')
    expect(open({ retentionDays: 36_500 }).purge()).toBe(0)
    const longer = open({ retentionDays: 400 })
    expect(longer.get(id).expiresAt).toBe('2027-04-05T00:00:00.000Z')
    expect(longer.purge()).toBe(0)
    expect(open({ retentionDays: 365 }).purge()).toBe(1)
  })

  it('remove old copies also while the app runs for weeks', async () => {
    const vault = open()
    await put(vault, Buffer.from('old'))
    const now = { at: new Date('2026-03-01T00:00:00Z') }
    const rescan = () => Promise.resolve(null)
    const quarantine = createQuarantine({ dataDir: rig.dataDir(), vault, rescan, now: () => now.at })
    const total = () => quarantine.list({ offset: 0, limit: 1, search: '', only: 'all' }).total
    rig.at('2026-04-01T00:00:00Z')
    expect(total()).toBe(1)
    now.at = new Date('2026-04-01T00:00:00Z')
    expect(total()).toBe(0)
    quarantine.close()
  })

  it('count what all copies take, however they came and went', async () => {
    const vault = open()
    const sizes = () =>
      readdirSync(rig.store(), { recursive: true, withFileTypes: true })
        .filter(({ name }) => name.endsWith('.q'))
        .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0)
    const first = await put(vault, Buffer.alloc(5_000))
    await put(vault, Buffer.alloc(70_000))
    expect(vault.summary()).toMatchObject({ count: 2, sizeBytes: 75_000, storeBytes: sizes() })
    vault.delete([first, first])
    expect(vault.summary()).toMatchObject({ count: 1, sizeBytes: 70_000, storeBytes: sizes() })
    rmSync(join(rig.store(), 'index.jsonl'))
    expect(open().summary()).toMatchObject({ count: 1, sizeBytes: 70_000, storeBytes: sizes() })
  })
})
