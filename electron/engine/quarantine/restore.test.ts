// Restoring through a real vault and real files: content, place, questions. What else a file gets back: give-facts.test.ts.
import { randomUUID } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { lossText } from '#shared/domain/restore-text.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { identityOfOpen } from '../files/content.ts'
import { toFilePath } from '../files/path-text.ts'
import { infectedContent } from '../treat/testing/treatment-lab.ts'
import { createQuarantine } from './quarantine.ts'
import { codeFrom, nothingFound, type QuarantineLab, quarantineLab, stillFound } from './testing/quarantine-lab.ts'
import { metadataOf } from './testing/vault-rig.ts'
import { fileOf } from './vault-index.ts'

const labs: QuarantineLab[] = []
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
})

async function deleted(mode = 0o644) {
  const made = quarantineLab()
  labs.push(made)
  const content = infectedContent(1_500_000)
  const file = made.lab.write('app.bin', content)
  chmodSync(file, mode)
  return { made, lab: made.lab, file, content, ...(await made.treated(file)) }
}

/** A copy as the treatment of an autostart entry makes it. */
async function copied(
  { lab }: QuarantineLab,
  { file, content, links }: { file: string; content: Buffer; links: QuarantineMetadata['links'] },
): Promise<QuarantineId> {
  writeFileSync(file, content)
  const id = QuarantineId.parse(randomUUID())
  const source = openSync(file, 'r')
  try {
    const identity = await identityOfOpen(source)
    const metadata = metadataOf({ path: { text: file }, identity, uid: process.getuid?.() ?? 0, copyOf: 'entry' })
    const detectionId = DetectionId.parse(randomUUID())
    await lab.vault.put({ id, detectionId, source, metadata: { ...metadata, ...(links ? { links } : {}) } })
    return id
  } finally {
    closeSync(source)
    rmSync(file)
  }
}

const unknown = QuarantineId.parse('00000000-0000-4000-8000-000000000000')

describe('restoring from Quarantine', () => {
  it('brings back the same bytes and leaves nothing else behind (62)', async () => {
    const { made, lab, file, content, id, detectionId } = await deleted()
    expect(await made.restore(id)).toMatchObject({ path: { text: file }, detectionId, notKept: [] })
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(readdirSync(lab.files)).toEqual(['app.bin'])
    expect(readdirSync(join(lab.dataDir, 'quarantine')).filter((name) => name.endsWith('.part'))).toEqual([])
    expect(lab.vault.has(id)).toBe(true)
  })

  it('asks first while it is still detected or cannot be judged, and then takes the right to run away (62)', async () => {
    const { made, lab, file, id } = await deleted(0o755)
    made.say(stillFound)
    expect(await codeFrom(made.restore(id))).toBe('still-detected')
    made.say(null)
    expect(await codeFrom(made.restore(id))).toBe('still-detected')
    expect(readdirSync(lab.files)).toEqual([])
    made.say(stillFound)
    expect((await made.restore(id, { evenIfDetected: true })).notKept).toEqual(['run'])
    expect(statSync(file).mode & 0o777).toBe(0o644)
  })

  it('never replaces a file, follows no link, and takes another name (62)', async () => {
    const { made, lab, file, content, id } = await deleted()
    writeFileSync(file, 'mine')
    expect(await codeFrom(made.restore(id))).toBe('target-exists')
    expect(readFileSync(file, 'utf8')).toBe('mine')
    rmSync(file)
    symlinkSync(join(lab.files, 'nowhere'), file)
    expect(await codeFrom(made.restore(id))).toBe('target-exists')
    mkdirSync(join(lab.files, 'real'))
    symlinkSync('real', join(lab.files, 'link'))
    const through = toFilePath(Buffer.from(join(lab.files, 'link/x')))
    expect(await codeFrom(made.restore(id, { target: through }))).toBe('object-changed')
    const target = toFilePath(Buffer.concat([Buffer.from(`${lab.files}/real/`), Buffer.from([0xfe, 0x41])]))
    expect((await made.restore(id, { target })).path).toEqual(target)
    expect(readFileSync(Buffer.from(target.bytes ?? '', 'base64')).equals(content)).toBe(true)
  })

  it('says that a file with other names is another file now', async () => {
    const made = quarantineLab()
    labs.push(made)
    const file = made.lab.write('app.bin', infectedContent())
    const other = join(made.lab.files, 'other')
    linkSync(file, other)
    const { id } = await made.treated(file)
    expect((await made.restore(id)).notKept).toEqual(['other-names'])
    expect(statSync(file).ino).not.toBe(statSync(other).ino)
    expect(lossText(['other-names'])).toContain('hard links')
  })

  it('makes folders that are missing when that is asked for, and never through a link', async () => {
    const { made, lab, file, content, id } = await deleted()
    renameSync(lab.files, `${lab.files}-moved`)
    expect(await codeFrom(made.restore(id))).toBe('not-found')
    await made.restore(id, { makeFolder: true })
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(statSync(lab.files)).toMatchObject({ mode: 0o40700, uid: statSync(lab.root).uid })
    const deep = toFilePath(Buffer.from(join(lab.root, 'a/b/c/app.bin')))
    await made.restore(id, { target: deep, makeFolder: true })
    expect(readFileSync(deep.text).equals(content)).toBe(true)
    symlinkSync('a', join(lab.root, 'link'))
    const through = toFilePath(Buffer.from(join(lab.root, 'link/new/app.bin')))
    expect(await codeFrom(made.restore(id, { target: through, makeFolder: true }))).toBe('object-changed')
    expect(readdirSync(join(lab.root, 'a'))).toEqual(['b'])
  })

  it('makes the links again that went with it, and says so where it cannot', async () => {
    const { made, lab, file, content } = await deleted()
    const link = join(lab.files, 'wants.link')
    const links = ['wants.link', 'taken', 'gone/link'].map((name) => ({
      path: { text: join(lab.files, name) },
      target: { text: '../app.bin' },
    }))
    writeFileSync(join(lab.files, 'taken'), 'mine')
    const restored = async (kept: typeof links) => {
      rmSync(file, { force: true })
      rmSync(link, { force: true })
      return made.restore(await copied(made, { file, content, links: kept }))
    }
    expect((await restored(links.slice(0, 1))).notKept).toEqual([])
    expect(readlinkSync(link)).toBe('../app.bin')
    expect((await restored(links)).notKept).toEqual(['links'])
    expect(readlinkSync(link)).toBe('../app.bin')
    expect(readFileSync(join(lab.files, 'taken'), 'utf8')).toBe('mine')
  })

  it('makes no folder for what may not be restored', async () => {
    const { made, lab, id } = await deleted()
    rmSync(lab.files, { recursive: true })
    made.say(stillFound)
    expect(await codeFrom(made.restore(id, { makeFolder: true }))).toBe('still-detected')
    expect(readdirSync(lab.root)).toEqual(['data'])
  })

  it('says so when the copy is missing, waits for a restart, or is being restored already', async () => {
    const { made, lab, id } = await deleted()
    expect(await codeFrom(made.restore(unknown))).toBe('not-found')
    lab.vault.hold(id)
    expect(await codeFrom(made.restore(id))).toBe('in-use')
    expect(made.quarantine.missing([id])).toEqual({ ids: [], conditions: [{ id, condition: 'at-restart' }] })
    expect(made.quarantine.delete([id, unknown])).toEqual({ deleted: 0, held: 1 })
    lab.vault.release(id)
    const both = await Promise.all([codeFrom(made.restore(id)), codeFrom(made.restore(id))])
    expect(both).toEqual(['none', 'already-running'])
  })

  it('refuses a copy that was cut or changed, lists it as damaged, and restores it when it is whole again (63)', async () => {
    const { made, lab, file, id } = await deleted()
    const sealed = fileOf(join(lab.dataDir, 'quarantine'), id)
    const bytes = readFileSync(sealed)
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100)
    for (const wrong of [bytes.subarray(0, bytes.length - 5), changed, Buffer.alloc(0)]) {
      writeFileSync(sealed, wrong)
      expect(await codeFrom(made.restore(id))).toBe('vault-damaged')
      expect(made.quarantine.get(id)).toMatchObject({ condition: 'damaged', restorable: false })
    }
    expect(made.again().quarantine.get(id)).toMatchObject({ condition: 'damaged', originalPath: { text: file } })
    expect(readdirSync(lab.files)).toEqual([])
    writeFileSync(sealed, bytes)
    const whole = quarantineLab({}, lab.again())
    labs.push(whole)
    expect((await whole.restore(id)).path.text).toBe(file)
    expect(whole.quarantine.get(id).restorable).toBe(true)
  })

  it('on a full disk leaves the place as it was, at every write, and works when there is room', async () => {
    const { made, lab, file, content, id } = await deleted()
    const { dataDir, vault } = lab
    for (let failing = 0; ; failing += 1) {
      let writes = 0
      const write = (fd: number, bytes: Uint8Array): void => {
        writes += 1
        if (writes > failing) throw Object.assign(new Error('full'), { code: 'ENOSPC' })
        writeSync(fd, bytes)
      }
      const rescan = () => Promise.resolve(nothingFound)
      const full = createQuarantine({ dataDir, vault, rescan, now: () => new Date(), write })
      const code = await codeFrom(full.restore({ id, target: null, evenIfDetected: false, makeFolder: false }))
      full.close()
      if (code === 'none') {
        expect(failing).toBeGreaterThan(3)
        expect(readFileSync(file).equals(content)).toBe(true)
        expect(readdirSync(lab.files)).toEqual(['app.bin'])
        return made.quarantine.recover()
      }
      expect(code, `write ${failing}`).toBe('disk-full')
      expect(readdirSync(lab.files), `write ${failing}`).toEqual([])
      expect(readdirSync(join(dataDir, 'quarantine')).filter((name) => name.endsWith('.part'))).toEqual([])
    }
  })

  it('needs no answer about a false alarm any more once it is restored', async () => {
    const { made, lab, id } = await deleted()
    lab.vault.note(id, { falseAlarm: { at: '2026-03-01T00:00:00.000Z', answered: false } })
    await made.restore(id)
    expect(made.quarantine.get(id).falseAlarm).toMatchObject({ answered: true })
  })

  it('finds a copy that somebody removed missing, and lists it no more', async () => {
    const { made, lab, id } = await deleted()
    rmSync(fileOf(join(lab.dataDir, 'quarantine'), id))
    expect(await codeFrom(made.restore(id))).toBe('not-found')
    expect(made.quarantine.missing([id])).toEqual({ ids: [id], conditions: [] })
    made.say(nothingFound)
  })
})
