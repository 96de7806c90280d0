// The list of copies when the folder, the index or the disk is not as it should be, and when there are very many.
import { createHash } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineIndexEntry } from '#shared/files/quarantine-file.ts'
import { identityOf } from '../files/identity.ts'
import { codeFrom } from './testing/quarantine-lab.ts'
import { contentOf, metadataOf, vaultRig } from './testing/vault-rig.ts'
import type { Vault } from './vault.ts'

const rig = vaultRig()
const { open, put, sealedFile } = rig
const index = () => join(rig.store(), 'index.jsonl')
const idsOf = (vault: Vault) => vault.list().map(({ id }) => id)
const codeOfCall = (act: () => unknown) => codeFrom((async () => act())())

describe('the index', () => {
  it('is rebuilt from the copies, with their names when the key is there', async () => {
    const vault = open()
    const id = await put(vault, Buffer.from('content'))
    const before = vault.list()
    rmSync(index())
    expect(open().list()).toEqual(before)
    rmSync(index())
    const blind = open({ masterKey: Buffer.alloc(32, 9) })
    expect(blind.list()).toMatchObject([{ id, threat: '?', sizeBytes: 7, condition: 'key-lost' }])
    expect(blind.delete([id])).toBe(1)
  })

  it('forgets copies whose file is gone and half-written ones, and lists those that are no copies any more', async () => {
    const vault = open()
    const id = await put(vault, Buffer.from('content'))
    const kept = await put(vault, Buffer.from('kept'))
    const cut = await put(vault, Buffer.from('cut'))
    writeFileSync(`${sealedFile(kept)}.part`, 'half')
    writeFileSync(join(rig.store(), '0123.part'), 'half')
    writeFileSync(sealedFile(cut), 'AM')
    rmSync(sealedFile(id))
    rmSync(index())
    const again = open()
    expect(new Set(idsOf(again))).toEqual(new Set([kept, cut]))
    expect(again.get(cut)).toMatchObject({ condition: 'damaged', restorable: false, originalPath: { text: '?' } })
    expect(readdirSync(rig.store(), { recursive: true }).filter((name) => String(name).endsWith('.part'))).toEqual([])
    expect(again.delete([cut])).toBe(1)
  })

  it('that is garbage, a folder or full of wrong lines costs nothing but itself', async () => {
    const first = open()
    const id = await put(first, Buffer.from('content'))
    const before = first.list()
    first.close()
    const line = readFileSync(index(), 'utf8')
    const spoil = [
      () => writeFileSync(index(), Buffer.from([0xff, 0xfe, 0])),
      () => writeFileSync(index(), `{"version":1}\n${line}not json\n`),
      () => writeFileSync(index(), line.slice(0, -20)),
      () => {
        rmSync(index())
        mkdirSync(index())
      },
    ]
    for (const act of spoil) {
      act()
      const vault = open()
      expect(vault.list()).toEqual(before)
      const other = await put(vault, Buffer.from('other'))
      vault.close()
      const again = open()
      expect(new Set(idsOf(again))).toEqual(new Set([id, other]))
      again.delete([other])
      again.close()
    }
  })

  it('shared by two processes loses no copy of either', async () => {
    const one = open()
    const other = open()
    const ids = [await put(one, Buffer.from('1')), await put(other, Buffer.from('2')), await put(one, Buffer.from('3'))]
    const gone = await put(other, Buffer.from('4'))
    other.delete([gone])
    expect(new Set(idsOf(open()))).toEqual(new Set(ids))
    expect((await contentOf(other, ids[1] ?? gone)).toString()).toBe('2')
    one.delete(ids.slice(0, 1))
    expect(await codeFrom(contentOf(one, ids[0] ?? gone))).toBe('not-found')
  })

  it('of a hundred thousand copies is listed page by page without opening one', () => {
    const many = 100_000
    mkdirSync(rig.store(), { recursive: true })
    const ids = Array.from({ length: many }, (_, n) =>
      QuarantineId.parse(
        `${(n % 256).toString(16).padStart(2, '0')}000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`,
      ),
    )
    for (let part = 0; part < 256; part += 1) mkdirSync(join(rig.store(), part.toString(16).padStart(2, '0')))
    // Links are made faster than files.
    const sources = [0, 1].map((n) => join(rig.root(), `${n}`))
    for (const source of sources) writeFileSync(source, '')
    for (const [n, id] of ids.entries()) linkSync(sources[n % 2] ?? '', sealedFile(id))
    const lines = ids.map((id, n): QuarantineIndexEntry => {
      const storedAt = new Date(Date.parse('2026-02-20T00:00:00Z') + n * 1000).toISOString()
      const path = { text: `/home/anna/file-${n}.exe` }
      const sizes = { sizeBytes: 10, storeBytes: 20 }
      return {
        version: 1,
        kind: 'stored',
        id,
        detectionId: id as never,
        path,
        threat: 'Lab',
        ...sizes,
        storedAt,
        origin: { kind: 'local' },
      }
    })
    writeFileSync(index(), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    const vault = open()
    expect(vault.summary()).toMatchObject({ count: many, sizeBytes: many * 10, storeBytes: many * 20 })
    const begun = performance.now()
    const page = vault.page({ offset: 50, limit: 200, search: '', only: 'all' })
    expect(page.total).toBe(many)
    expect(page.items.map(({ originalPath }) => originalPath.text)).toEqual(
      Array.from({ length: 200 }, (_, n) => `/home/anna/file-${many - 51 - n}.exe`),
    )
    expect(vault.page({ offset: many - 3, limit: 200, search: '', only: 'all' }).items).toHaveLength(3)
    expect(vault.page({ offset: many, limit: 200, search: '', only: 'all' }).items).toEqual([])
    const found = vault.page({ offset: 0, limit: 10, search: 'FILE-4242.', only: 'all' })
    expect([found.total, found.items.length]).toEqual([1, 1])
    // Far more than it takes, far less than opening the copies would.
    expect(performance.now() - begun).toBeLessThan(5_000)
  }, 120_000)
})

describe('a store that cannot be used', () => {
  it('says why when it is listed, takes nothing, and works again when that is over', async () => {
    mkdirSync(rig.dataDir())
    writeFileSync(rig.store(), 'a file where the folder should be')
    const vault = open()
    expect(await codeOfCall(() => vault.list())).not.toBe('none')
    expect(await codeOfCall(() => vault.page({ offset: 0, limit: 1, search: '', only: 'all' }))).not.toBe('none')
    expect(await codeFrom(put(vault, Buffer.from('x')))).not.toBe('none')
    const id = QuarantineId.parse('00000000-0000-4000-8000-000000000000')
    expect([vault.has(id), vault.delete([id]), vault.purge()]).toEqual([false, 0, 0])
    expect(await vault.verify(id, 'a'.repeat(64))).toBe(false)
    rmSync(rig.store())
    await put(vault, Buffer.from('x'))
    expect(vault.list()).toHaveLength(1)
  })

  it.runIf(process.geteuid?.() === 0)(
    'for our user any more lists what it has, takes nothing, and deletes nothing',
    async () => {
      const vault = open()
      const id = await put(vault, Buffer.from('content'))
      vault.close()
      const folders = [rig.root(), rig.dataDir(), rig.store(), join(sealedFile(id), '..')]
      for (const folder of folders) chmodSync(folder, 0o755)
      for (const file of [index(), sealedFile(id)]) chmodSync(file, 0o644)
      process.seteuid?.(65534)
      try {
        const foreign = open()
        expect(foreign.list()).toMatchObject([{ id, restorable: true }])
        expect((await contentOf(foreign, id)).toString()).toBe('content')
        expect(await codeFrom(putOpened(foreign, id))).toBe('no-permission')
        expect(await codeOfCall(() => foreign.delete([id]))).toBe('no-permission')
        expect(foreign.list()).toHaveLength(1)
      } finally {
        process.seteuid?.(0)
      }
      expect(idsOf(open())).toEqual([id])
    },
  )
})

/** Puts the program that runs this test: anybody may read it. */
async function putOpened(vault: Vault, like: QuarantineId): Promise<void> {
  const source = openSync('/dev/null', 'r')
  try {
    const id = QuarantineId.parse(`${like.slice(0, -1)}${like.endsWith('0') ? '1' : '0'}`)
    const identity = identityOf(fstatSync(source, { bigint: true }), createHash('sha256').digest('hex'))
    const metadata = metadataOf({ path: { text: '/dev/null' }, identity })
    await vault.put({ id, detectionId: DetectionId.parse(like), source, metadata })
  } finally {
    closeSync(source)
  }
}
