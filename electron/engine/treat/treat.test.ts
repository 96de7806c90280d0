import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { createLab, exists, infectedContent, type Lab, type LabOptions } from './testing/treatment-lab.ts'

const labs: Lab[] = []
function lab(options: LabOptions = {}): Lab {
  const made = createLab(options)
  labs.push(made)
  return made
}
afterEach(() => {
  for (const made of labs.splice(0)) made.remove()
})

describe('treating a file', () => {
  it('deletes a malware file and keeps a copy that is the same, byte for byte (46)', async () => {
    const made = lab()
    const content = infectedContent(2_500_000)
    const file = made.write('evil.exe', content)
    const outcome = await made.treater.treat(await made.order(file))
    expect(outcome).toMatchObject({ status: 'deleted', otherLinks: 0 })
    expect(exists(file)).toBe(false)
    const [item] = made.vault.list()
    expect(item).toMatchObject({
      originalPath: { text: file },
      threat: 'Lab.Marker',
      sizeBytes: content.length,
      restorable: true,
    })
    expect((await made.copyOf(item?.id ?? '')).equals(content)).toBe(true)
    expect(readdirSync(join(made.dataDir, 'grab'))).toEqual([])
  })

  it('carries out the same order once', async () => {
    const made = lab()
    const file = made.write('evil', infectedContent())
    const order = await made.order(file)
    const [first, second] = await Promise.all([made.treater.treat(order), made.treater.treat(order)])
    expect(second).toEqual(first)
    const again = made.again()
    labs.push(again)
    expect(await again.treater.treat(order)).toEqual(first)
    expect(again.vault.list()).toHaveLength(1)
  })

  it('copies without touching the original, and deletes it later on another order', async () => {
    const made = lab()
    const file = made.write('evil', infectedContent())
    const order = await made.order(file, { verb: 'copy-to-quarantine' })
    expect(await made.treater.treat(order)).toMatchObject({ status: 'quarantined' })
    expect(exists(file)).toBe(true)
    expect(await made.treater.treat({ ...order, verb: 'delete' })).toMatchObject({ status: 'deleted' })
    expect(exists(file)).toBe(false)
  })

  it('leaves the file alone when the copy cannot be made: full disk, full vault, too large (47)', async () => {
    const write = (): never => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    }
    const full = lab({ vault: { write } })
    const space = lab({ vault: { freeSpace: () => ({ free: 4_000, total: 100_000 }) } })
    const small = lab({ vault: { limits: { totalBytes: 5_000 } } })
    const large = lab({ vault: { limits: { objectBytes: 100 } } })
    for (const [made, code] of [
      [full, 'disk-full'],
      [space, 'disk-full'],
      [small, 'backup-failed'],
      [large, 'too-large'],
    ] as const) {
      const content = infectedContent()
      const file = made.write('evil', content)
      const ino = statSync(file).ino
      expect(await made.treater.treat(await made.order(file))).toEqual({ status: 'backup-failed', code })
      expect(readFileSync(file).equals(content)).toBe(true)
      expect(statSync(file).ino).toBe(ino)
      expect(made.vault.list()).toEqual([])
      expect(readdirSync(made.files)).toEqual(['evil'])
    }
  })

  it('counts the other names of a file with hard links, and names those that lie beside it', async () => {
    const made = lab()
    const file = made.write('evil', infectedContent())
    const other = join(made.files, 'other')
    linkSync(file, other)
    made.write('unrelated', 'x')
    expect(await made.treater.treat(await made.order(file))).toMatchObject({
      status: 'deleted',
      otherLinks: 1,
      otherNames: [{ text: other }],
    })
    expect(exists(other)).toBe(true)
  })

  it('reports a file that is gone, changed, a link or a folder, and touches none of them (53, 54)', async () => {
    const made = lab()
    const file = made.write('evil', infectedContent())
    const order = await made.order(file)
    rmSync(file)
    expect(await made.treater.treat(order)).toEqual({ status: 'gone' })
    made.write('evil', 'something else')
    expect(await made.treater.treat(order)).toEqual({ status: 'changed' })
    rmSync(file)
    const victim = made.write('victim', 'precious')
    symlinkSync(victim, file)
    expect(await made.treater.treat(order)).toEqual({ status: 'failed', code: 'is-link' })
    rmSync(file)
    mkdirSync(file)
    expect(await made.treater.treat(order)).toEqual({ status: 'failed', code: 'not-regular-file' })
    expect(readFileSync(victim, 'utf8')).toBe('precious')
    expect(made.vault.list()).toEqual([])
  })

  it('reports a folder swapped for a link as changed and leaves the other tree whole (52)', async () => {
    const made = lab()
    mkdirSync(join(made.files, 'dir'))
    const content = infectedContent()
    const file = made.write('dir/evil', content)
    const order = await made.order(file)
    renameSync(join(made.files, 'dir'), join(made.files, 'moved'))
    mkdirSync(join(made.files, 'victims'))
    const victim = join(made.files, 'victims/evil')
    // The very same file: its identity does not tell the two names apart, only the walk does.
    linkSync(join(made.files, 'moved/evil'), victim)
    symlinkSync(join(made.files, 'victims'), join(made.files, 'dir'))
    expect(await made.treater.treat(order)).toEqual({ status: 'changed' })
    expect(readFileSync(victim).equals(content)).toBe(true)
  })

  it('puts back a clean file that took the place between check and act (53)', async () => {
    let swap = (): void => undefined
    const made = lab({ ports: { onStep: (step) => (step === 'grab-planned' ? swap() : undefined) } })
    const file = made.write('evil', infectedContent())
    const order = await made.order(file)
    swap = () => {
      rmSync(file)
      writeFileSync(file, 'clean')
    }
    expect(await made.treater.treat(order)).toEqual({ status: 'changed' })
    expect(readFileSync(file, 'utf8')).toBe('clean')
    expect(made.vault.list()).toEqual([])
    expect(readdirSync(join(made.dataDir, 'grab'))).toEqual([])
  })

  it('loses nothing when the name is taken again before a wrongly moved file is put back', async () => {
    const steps: Record<string, () => void> = {}
    const made = lab({ ports: { onStep: (step) => steps[step]?.() } })
    const file = made.write('evil', infectedContent())
    const order = await made.order(file)
    steps['grab-planned'] = () => {
      rmSync(file)
      writeFileSync(file, 'first')
    }
    steps.grabbed = () => writeFileSync(file, 'second')
    expect(await made.treater.treat(order)).toEqual({ status: 'changed' })
    const contents = readdirSync(made.files).map((name) => readFileSync(join(made.files, name), 'utf8'))
    expect(contents.sort()).toEqual(['first', 'second'])
  })

  it('does not treat what the guard protects', async () => {
    const made = lab({ ports: { guard: { check: () => Promise.resolve('package-file') } } })
    const file = made.write('evil', infectedContent())
    expect(await made.treater.treat(await made.order(file))).toEqual({ status: 'protected', reason: 'package-file' })
    expect(exists(file)).toBe(true)
  })

  it('says on another operating system that it cannot treat there, and touches nothing', async () => {
    const made = lab()
    const file = made.write('evil', infectedContent())
    const order = await made.order(file)
    const { platform } = process
    try {
      Object.defineProperty(process, 'platform', { value: 'darwin' })
      expect(await made.treater.treat(order)).toEqual({ status: 'failed', code: 'unsupported' })
    } finally {
      Object.defineProperty(process, 'platform', { value: platform })
    }
    expect(exists(file)).toBe(true)
  })

  it('treats names that are no UTF-8', async () => {
    const made = lab()
    const path = Buffer.concat([Buffer.from(`${made.files}/`), Buffer.from([0xff, 0x0a, 0x41])])
    writeFileSync(path, infectedContent())
    expect(await made.treater.treat(await made.order(path))).toMatchObject({ status: 'deleted' })
    expect(readdirSync(made.files)).toEqual([])
  })
})

describe('an order that cannot be carried out', () => {
  it('is put back when the journal cannot be written any more, and works on the next try', async () => {
    let full = false
    const made = lab({
      ports: {
        now: () => {
          // The clock is asked for every journal line: the first one after the move finds the disk full.
          if (full) throw new ProductError('disk-full')
          return new Date()
        },
        onStep: (step) => {
          full = step === 'verified'
        },
      },
    })
    const content = infectedContent()
    const file = made.write('evil', content)
    const order = await made.order(file)
    await expect(made.treater.treat(order)).rejects.toThrow('disk-full')
    expect(readFileSync(file).equals(content)).toBe(true)
    full = false
    expect(readdirSync(join(made.dataDir, 'grab'))).toEqual([])
    expect(made.vault.list()).toEqual([])
    expect(await made.again({}).treater.treat(order)).toMatchObject({ status: 'deleted' })
  })
})
