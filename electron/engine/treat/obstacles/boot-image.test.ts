import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createLab, infectedContent, type Lab } from '../testing/treatment-lab.ts'
import { isInBootImage } from './boot-image.ts'
import { createMachine } from './machine.ts'

it('knows what goes into the image that the machine boots from', () => {
  for (const path of ['/etc/initramfs-tools/hooks/evil', '/usr/lib/dracut/modules.d/99evil/run.sh', '/etc/dracut.conf'])
    expect(isInBootImage(Buffer.from(path))).toBe(true)
  for (const path of ['/etc/initramfs-tools-not/x', '/home/me/etc/initramfs-tools/x', '/etc/dracut.conf.bak'])
    expect(isInBootImage(Buffer.from(path))).toBe(false)
})

let root = ''
let lab: Lab
let now = new Date('2026-01-01T10:00:00Z')
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'))
  lab = createLab()
})
afterEach(() => {
  lab.remove()
  rmSync(root, { recursive: true })
})

function put(path: string, content: string, at = '2025-12-01T00:00:00Z'): void {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content)
  utimesSync(file, new Date(at), new Date(at))
}

/** A file of the image that was removed before the restart, as the list of what waits has it. */
async function waiting(): Promise<void> {
  const file = lab.write('hook', infectedContent())
  const order = await lab.order(file)
  rmSync(file)
  const object = { ...order.object, path: { text: '/etc/initramfs-tools/hooks/not-there-lab' } }
  const { detectionId } = order
  const final = { status: 'deleted', otherLinks: 0 }
  const removedAt = '2026-01-01T10:00:00.000Z'
  const record = { detectionId, order: { ...order, object }, holders: [], bootToken: 'boot-1', reason: 'boot', final }
  const line = { version: 1, kind: 'pending', at: removedAt, record: { ...record, removedAt, attempts: 0 } }
  writeFileSync(join(lab.dataDir, 'pending.jsonl'), `${JSON.stringify(line)}\n`)
}

async function startedAs(bootToken: string, at: string) {
  now = new Date(at)
  put('proc/stat', `cpu 1 2 3\nbtime ${now.getTime() / 1000}\n`)
  lab = lab.again({ ports: { bootToken: () => bootToken, now: () => now, machine: createMachine({ root }) } })
  return (await lab.treater.replayPending()).map(({ outcome }) => outcome)
}

describe('a file that goes into the boot image', () => {
  it('is done at the first start from an image that was made after it was removed', async () => {
    await waiting()
    put('boot/initrd.img-6.1.0-9', 'old')
    put('boot/efi/EFI/debian/grubx64.efi', 'x', '2026-01-05T00:00:00Z')
    const held = { status: 'at-restart', reason: 'boot', holder: expect.stringContaining('update-initramfs -u') }
    expect(await startedAs('boot-1', '2026-01-01T00:00:00Z')).toMatchObject([held])
    expect(await startedAs('boot-2', '2026-01-02T00:00:00Z')).toMatchObject([held])
    // Made while this start runs, which still came from the old one.
    put('boot/initrd.img-6.1.0-9', 'new', '2026-01-02T12:00:00Z')
    expect(await startedAs('boot-2', '2026-01-02T00:00:00Z')).toMatchObject([held])
    expect(await startedAs('boot-3', '2026-01-03T00:00:00Z')).toMatchObject([{ status: 'deleted' }])
  })

  it('is told to need a new image after three starts from the old one', async () => {
    await waiting()
    put('boot/initrd.img-6.1.0-9', 'old')
    for (const day of [2, 3]) await startedAs(`boot-${day}`, `2026-01-0${day}T00:00:00Z`)
    expect(await startedAs('boot-4', '2026-01-04T00:00:00Z')).toMatchObject([
      { status: 'failed', code: 'boot-image-old' },
    ])
  })

  it('is judged by the image of the kernel that runs, wherever it lies', async () => {
    await waiting()
    put('proc/sys/kernel/osrelease', '6.1.0-9\n')
    put('boot/0a1b/6.1.0-9/initrd', 'old')
    put('boot/initrd.img-5.10.0-1', 'other kernel', '2026-01-01T12:00:00Z')
    expect(await startedAs('boot-2', '2026-01-02T00:00:00Z')).toMatchObject([{ status: 'at-restart' }])
    put('efi/EFI/Linux/0a1b-6.1.0-9.efi', 'new', '2026-01-02T12:00:00Z')
    expect(await startedAs('boot-3', '2026-01-03T00:00:00Z')).toMatchObject([{ status: 'deleted' }])
  })
})
