import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { QuarantineId } from '#shared/domain/ids.ts'
import { codeOf } from '#shared/errors.ts'
import { toFilePath } from '../files/path-text.ts'
import { createLab, infectedContent, type Lab } from '../treat/testing/treatment-lab.ts'
import { type RestoreDeps, type RestoreOrder, restoreCopy } from './restore.ts'
import { fileOf } from './vault-index.ts'

const labs: Lab[] = []
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
})

async function deleted(
  mode = 0o644,
): Promise<{ lab: Lab; file: string; content: Buffer; id: QuarantineId; detectionId: string }> {
  const lab = createLab()
  labs.push(lab)
  const content = infectedContent(1_500_000)
  const file = lab.write('app.bin', content)
  chmodSync(file, mode)
  utimesSync(file, 1_500_000_000, 1_500_000_001.5)
  const order = await lab.order(file)
  const outcome = await lab.treater.treat(order)
  if (outcome.status !== 'deleted') throw new Error(outcome.status)
  return { lab, file, content, id: outcome.quarantineId, detectionId: order.detectionId }
}

const seen = { infected: { findings: ['Lab.Marker'] }, 'nothing-found': { findings: [] }, 'not-scanned': null }
const restore = (
  lab: Lab,
  order: Partial<RestoreOrder> & { id: QuarantineId },
  verdict: 'infected' | 'nothing-found' | 'not-scanned' = 'nothing-found',
) => {
  const deps: RestoreDeps = { dataDir: lab.dataDir, vault: lab.vault, rescan: () => Promise.resolve(seen[verdict]) }
  return restoreCopy(deps, { target: null, evenIfDetected: false, ...order })
}

const codeFrom = async (act: Promise<unknown>): Promise<string> => act.then(() => 'none', codeOf)

describe('restoring from Quarantine', () => {
  it('brings back the same bytes, owner, times and mode without setuid and setgid (62)', async () => {
    const { lab, file, content, id, detectionId } = await deleted(0o6755)
    const restored = await restore(lab, { id })
    expect(restored).toMatchObject({ path: { text: file }, detectionId })
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(statSync(file)).toMatchObject({ mode: 0o100755, mtimeMs: 1_500_000_001_500, uid: process.getuid?.() })
    expect(readdirSync(lab.files)).toEqual(['app.bin'])
    expect(readdirSync(join(lab.dataDir, 'quarantine')).filter((name) => name.endsWith('.part'))).toEqual([])
  })

  it('asks first while it is still detected or cannot be judged, and then takes the right to run away (62)', async () => {
    const { lab, file, id } = await deleted(0o755)
    expect(await codeFrom(restore(lab, { id }, 'infected'))).toBe('still-detected')
    expect(await codeFrom(restore(lab, { id }, 'not-scanned'))).toBe('still-detected')
    expect(readdirSync(lab.files)).toEqual([])
    await restore(lab, { id, evenIfDetected: true }, 'infected')
    expect(statSync(file).mode & 0o777).toBe(0o644)
  })

  it('never replaces a file, follows no link, and takes another name (62)', async () => {
    const { lab, file, content, id } = await deleted()
    writeFileSync(file, 'mine')
    expect(await codeFrom(restore(lab, { id }))).toBe('target-exists')
    expect(readFileSync(file, 'utf8')).toBe('mine')
    rmSync(file)
    symlinkSync(join(lab.files, 'nowhere'), file)
    expect(await codeFrom(restore(lab, { id }))).toBe('target-exists')
    mkdirSync(join(lab.files, 'real'))
    symlinkSync('real', join(lab.files, 'link'))
    const through = toFilePath(Buffer.from(join(lab.files, 'link/x')))
    expect(await codeFrom(restore(lab, { id, target: through }))).toBe('object-changed')
    const target = toFilePath(Buffer.concat([Buffer.from(`${lab.files}/real/`), Buffer.from([0xfe, 0x41])]))
    expect((await restore(lab, { id, target })).path).toEqual(target)
    expect(readFileSync(Buffer.from(target.bytes ?? '', 'base64')).equals(content)).toBe(true)
  })

  it('says so when the folder or the copy is missing, or the copy is damaged or waits for a restart (63)', async () => {
    const { lab, file, id } = await deleted()
    renameSync(lab.files, `${lab.files}-moved`)
    expect(await codeFrom(restore(lab, { id }))).toBe('not-found')
    renameSync(`${lab.files}-moved`, lab.files)
    expect(await codeFrom(restore(lab, { id: QuarantineId.parse('00000000-0000-4000-8000-000000000000') }))).toBe(
      'not-found',
    )
    lab.vault.hold(id)
    expect(await codeFrom(restore(lab, { id }))).toBe('in-use')
    lab.vault.release(id)
    const sealed = fileOf(join(lab.dataDir, 'quarantine'), id)
    const bytes = readFileSync(sealed)
    writeFileSync(sealed, bytes.subarray(0, bytes.length - 5))
    expect(await codeFrom(restore(lab, { id }))).toBe('vault-damaged')
    const changed = Buffer.from(bytes)
    changed.writeUInt8(changed.readUInt8(bytes.length - 100) ^ 1, bytes.length - 100)
    writeFileSync(sealed, changed)
    expect(await codeFrom(restore(lab, { id }))).toBe('vault-damaged')
    expect(readdirSync(lab.files)).toEqual([])
    writeFileSync(sealed, bytes)
    expect((await restore(lab, { id })).path.text).toBe(file)
  })
})
