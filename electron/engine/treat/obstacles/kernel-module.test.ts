import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { LinuxCalls } from '../../files/linux-calls.ts'
import { createQuarantine } from '../../quarantine/quarantine.ts'
import type { StepName, TreatPorts } from '../context.ts'
import { systemCalls } from '../testing/inode-flags.ts'
import { createLab, exists, type Lab, marker } from '../testing/treatment-lab.ts'
import { createMachine } from './machine.ts'

let root = ''
const labs: Lab[] = []
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'))
  put('proc/modules', 'nvme 1 2 - Live 0x0\nevil_mod 16384 0 - Live 0x0000000000000000 (OE)\n')
  put('sys/module/evil_mod/srcversion', 'ABCDEF0123456789\n')
})
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
  rmSync(root, { recursive: true })
})

function put(path: string, content: string): string {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), content)
  return join(root, path)
}

/** What the kernel says to an unload; the table is its own. */
function kernel(answer: 'lets go' | 'EWOULDBLOCK', isRoot = true) {
  const unloaded: string[] = []
  const unloadModule: LinuxCalls['unloadModule'] = (name) => {
    unloaded.push(name)
    if (answer !== 'lets go') throw Object.assign(new Error(answer), { code: answer })
    put('proc/modules', 'nvme 1 2 - Live 0x0\n')
  }
  return { unloaded, machine: createMachine({ root, isRoot, calls: { ...systemCalls(), unloadModule } }) }
}

function lab(ports: Partial<TreatPorts>): Lab {
  const autostart = { root, homes: [], reload: () => Promise.resolve() }
  const made = createLab({ ports: { autostart, ...ports } })
  labs.push(made)
  return made
}

/** The parts of a module that matter: an ELF file to be linked, and what modinfo reads. */
function moduleFile(info: string): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF', 'latin1')
  head[4] = 2
  head[5] = 1
  head.writeUInt16LE(1, 16)
  return Buffer.concat([head, Buffer.from(`\0${info}\0vermagic=6.1\0`), marker])
}

const evil = moduleFile('name=evil-mod\0srcversion=ABCDEF0123456789')

describe('a kernel module', () => {
  it('is deleted, forgotten by the lists of what is loaded at every start, and unloaded', async () => {
    const { machine, unloaded } = kernel('lets go')
    const conf = put('etc/modules-load.d/evil.conf', '# mine\nnvme\n  evil-mod\nevil_mod_two\n')
    const etc = put('etc/modules', 'evil_mod options=1\nlp\n')
    writeFileSync(join(root, 'etc/modules-load.d/notes.txt'), 'evil-mod\n')
    symlinkSync('../modules', join(root, 'etc/modules-load.d/modules.conf'))
    const mode = statSync(conf).mode
    const made = lab({ machine })
    const file = made.write('x', evil)
    const outcome = await made.treater.treat(await made.order(file))
    expect(outcome).toMatchObject({
      status: 'deleted',
      acts: {
        autostartRemoved: ['/etc/modules: evil_mod options=1', '/etc/modules-load.d/evil.conf: evil-mod'],
      },
    })
    expect(made.vault.list().filter(({ copyOf }) => copyOf === 'entry')).toHaveLength(2)
    expect(exists(file)).toBe(false)
    expect(unloaded).toEqual(['evil_mod'])
    expect(readFileSync(conf, 'utf8')).toBe('# mine\nnvme\nevil_mod_two\n')
    expect(statSync(conf).mode).toBe(mode)
    expect(readFileSync(etc, 'utf8')).toBe('lp\n')
    expect(readdirSync(join(root, 'etc/modules-load.d')).sort()).toEqual(['evil.conf', 'modules.conf', 'notes.txt'])
    expect(readFileSync(join(root, 'etc/modules-load.d/notes.txt'), 'utf8')).toBe('evil-mod\n')
  })

  it('whose file stays is named in the lists as before, and one that was deleted is again after an undo', async () => {
    const conf = put('etc/modules-load.d/evil.conf', 'a\nevil-mod\nb\n')
    const file = put('x', '')
    const onStep = (step: string): void => {
      if (step === 'grab-planned') writeFileSync(file, 'another content')
    }
    const { machine } = kernel('lets go')
    writeFileSync(file, evil)
    const first = lab({ machine, onStep })
    expect(await first.treater.treat(await first.order(file))).toEqual({ status: 'changed' })
    expect(readFileSync(conf, 'utf8')).toBe('a\nevil-mod\nb\n')
    expect(first.vault.list()).toEqual([])
    writeFileSync(file, evil)
    const { treater, vault, dataDir, order } = lab({ machine })
    await treater.treat(await order(file))
    writeFileSync(conf, 'a\nb\nlater\n')
    const rescan = () => Promise.resolve(null)
    const quarantine = createQuarantine({ dataDir, vault, rescan, now: () => new Date() })
    try {
      const copy = vault.list().find(({ copyOf }) => copyOf === undefined)
      const id = QuarantineId.parse(copy?.id)
      const undone = await quarantine.restore({ id, target: null, makeFolder: false, evenIfDetected: true })
      expect(undone.entries).toEqual({ restored: ['/etc/modules-load.d/evil.conf: evil-mod'], left: [] })
    } finally {
      quarantine.close()
    }
    expect(readFileSync(conf, 'utf8')).toBe('a\nevil-mod\nb\nlater\n')
  })

  it('in an archive of its own kind is forgotten too', async () => {
    const conf = put('etc/modules-load.d/evil.conf', 'evil-mod\nb\n')
    const { machine } = kernel('lets go')
    const made = lab({ machine })
    const file = made.write('evil-mod.ko.xz', Buffer.concat([Buffer.alloc(40), marker]))
    const container = { format: 'xz', leaves: 1 } as const
    const order = await made.order(file, { members: [['evil-mod.ko']], container })
    expect(await made.treater.treat(order)).toMatchObject({ status: 'deleted' })
    expect(readFileSync(conf, 'utf8')).toBe('b\n')
  })

  it.each([
    ['is in use', true],
    ['is not ours to unload', false],
  ])('that %s waits for a restart, and ends with it', async (_why, isRoot) => {
    const { machine } = kernel('EWOULDBLOCK', isRoot)
    const made = lab({ machine })
    const file = made.write('x', evil)
    expect(await made.treater.treat(await made.order(file))).toMatchObject({
      status: 'at-restart',
      reason: 'module',
      holder: 'the kernel module evil_mod',
    })
    expect(exists(file)).toBe(false)
    expect(await made.treater.replayPending()).toMatchObject([{ outcome: { status: 'at-restart' }, attempts: 0 }])
    put('proc/modules', 'nvme 1 2 - Live 0x0\n')
    const after = made.again({ ports: { machine, bootToken: () => 'boot-2' } })
    labs.push(after)
    expect(await after.treater.replayPending()).toMatchObject([{ outcome: { status: 'deleted' }, attempts: 1 }])
  })

  it('that is loaded again by every start needs a person after the third', async () => {
    const { machine } = kernel('EWOULDBLOCK')
    let made = lab({ machine })
    await made.treater.treat(await made.order(made.write('x', evil)))
    const outcomes = []
    for (const boot of ['boot-2', 'boot-3', 'boot-4']) {
      made = made.again({ ports: { machine, bootToken: () => boot } })
      labs.push(made)
      outcomes.push(...(await made.treater.replayPending()).map(({ outcome }) => outcome))
    }
    expect(outcomes).toMatchObject([
      { status: 'at-restart' },
      { status: 'at-restart' },
      { status: 'failed', code: 'needs-manual-removal' },
    ])
  })

  it.each([
    ['another source', 'x', moduleFile('name=evil_mod\0srcversion=FFFF')],
    ['another name', 'evil_mod.ko', moduleFile('name=good_mod')],
    ['no module at all', 'evil_mod', Buffer.concat([Buffer.from('#!/bin/sh\n\0name=evil_mod\0'), marker])],
  ])('stays loaded when the file has %s', async (_what, name, content) => {
    const { machine, unloaded } = kernel('lets go')
    const made = lab({ machine })
    expect(await made.treater.treat(await made.order(made.write(name, content)))).toMatchObject({ status: 'deleted' })
    expect(unloaded).toEqual([])
  })

  it('is known by the name of its file where that is compressed', async () => {
    const { machine, unloaded } = kernel('lets go')
    const made = lab({ machine })
    await made.treater.treat(await made.order(made.write('evil-mod.ko.zst', Buffer.concat([Buffer.alloc(40), marker]))))
    expect(unloaded).toEqual(['evil_mod'])
  })

  it.each(['entry-planned', 'entry-written', 'entry-changed', 'grabbed', 'holders', 'besides-done'] as const)(
    'is forgotten once, without anything left over, after a crash at the step %s',
    async (step) => {
      const conf = put('etc/modules-load.d/evil.conf', 'a\nevil-mod\nb\n')
      const onStep = (name: StepName): void => {
        if (name === step) throw new Error('power failure')
      }
      const made = lab({ machine: kernel('lets go').machine, onStep })
      const order = await made.order(made.write('x', evil))
      await expect(made.treater.treat(order)).rejects.toThrow(step)
      const autostart = { root, homes: [], reload: () => Promise.resolve() }
      const after = made.again({ ports: { autostart, machine: kernel('lets go').machine } })
      labs.push(after)
      expect(await after.treater.recover()).toMatchObject([{ outcome: { status: 'deleted' } }])
      expect(readFileSync(conf, 'utf8')).toBe('a\nb\n')
      expect(readdirSync(join(root, 'etc/modules-load.d'))).toEqual(['evil.conf'])
    },
  )
})
