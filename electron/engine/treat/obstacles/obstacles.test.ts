import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { inodeFlags } from '../../files/linux-calls.ts'
import type { StepName, TreatPorts } from '../context.ts'
import { canFlag, flagsOf, setFlags, systemCalls } from '../testing/inode-flags.ts'
import { asOrdinaryUser, isRoot } from '../testing/ordinary-user.ts'
import { createLab, exists, infectedContent, type Lab, type LabOptions } from '../testing/treatment-lab.ts'
import { createMachine } from './machine.ts'

const labs: Lab[] = []
const machines: string[] = []
const flagged = new Set<string>()
function flag(path: string, flags: number): void {
  flagged.add(path)
  setFlags(path, flags)
}
afterEach(() => {
  for (const path of flagged) if (exists(path)) setFlags(path, 0)
  flagged.clear()
  for (const lab of labs.splice(0)) lab.remove()
  for (const root of machines.splice(0)) rmSync(root, { recursive: true })
})

function lab(options: LabOptions = {}): Lab {
  const made = createLab(options)
  labs.push(made)
  return made
}

function again(made: Lab, options: LabOptions = {}): Lab {
  const next = made.again(options)
  labs.push(next)
  return next
}

const crashAt = (step: StepName) => (name: StepName) => {
  if (name === step) throw new Error('power failure')
}

/** Right after this step no line can be written to the journal, which asks for the time of each. */
function fullDiskAt(step: StepName): Pick<TreatPorts, 'now' | 'onStep'> {
  let full = false
  return {
    now: () => {
      if (full) throw new ProductError('disk-full')
      return new Date()
    },
    onStep: (name) => {
      full = name === step
    },
  }
}

describe.runIf(canFlag())('an immutable file', () => {
  it.each([
    ['immutable', inodeFlags.immutable],
    ['append only', inodeFlags.appendOnly],
  ])('is deleted by root when it is %s, with a copy that is the same (55)', async (_name, bit) => {
    const made = lab()
    const content = infectedContent()
    const file = made.write('evil', content)
    flag(file, bit)
    expect(await made.treater.treat(await made.order(file))).toMatchObject({ status: 'deleted' })
    expect(exists(file)).toBe(false)
    expect((await made.copyOf(made.vault.list()[0]?.id ?? '')).equals(content)).toBe(true)
  })

  it.each([
    ['immutable', inodeFlags.immutable],
    ['append only', inodeFlags.appendOnly],
  ])('is deleted from a folder that is %s, and the folder is so again (55)', async (_name, bit) => {
    const made = lab()
    mkdirSync(join(made.files, 'folder'))
    const file = made.write('folder/evil', infectedContent())
    flag(file, inodeFlags.immutable)
    flag(join(made.files, 'folder'), bit)
    expect(await made.treater.treat(await made.order(file))).toMatchObject({ status: 'deleted' })
    expect(exists(file)).toBe(false)
    expect(flagsOf(join(made.files, 'folder'))).toBe(bit)
  })

  it('needs an administrator when we are none; nothing is changed, no restart is advised (55)', async () => {
    await asOrdinaryUser(async () => {
      const made = lab()
      const content = infectedContent()
      const file = made.write('evil', content)
      const order = await made.order(file)
      process.seteuid?.(0)
      flag(file, inodeFlags.immutable)
      process.seteuid?.(65_534)
      expect(await made.treater.treat(order)).toEqual({ status: 'failed', code: 'needs-administrator' })
      expect(readFileSync(file).equals(content)).toBe(true)
      expect(made.vault.list()).toEqual([])
      expect(await made.treater.replayPending()).toEqual([])
    })
    expect(flagsOf([...flagged][0] ?? '')).toBe(inodeFlags.immutable)
  })

  it('is immutable again when the treatment could not be carried out', async () => {
    const made = lab({ ports: fullDiskAt('verified') })
    const content = infectedContent()
    const file = made.write('evil', content)
    flag(file, inodeFlags.immutable)
    await expect(made.treater.treat(await made.order(file))).rejects.toThrow('disk-full')
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(flagsOf(file)).toBe(inodeFlags.immutable)
  })

  it.each(['clearing', 'cleared', 'grab-planned', 'grabbed', 'verified', 'removing', 'removed'] as const)(
    'is deleted or immutable again after two crashes at the step %s',
    async (step) => {
      const made = lab({ ports: { onStep: crashAt(step) } })
      const content = infectedContent()
      const file = made.write('evil', content)
      mkdirSync(join(made.files, 'folder'))
      flag(file, inodeFlags.immutable)
      flag(made.files, inodeFlags.immutable)
      await expect(made.treater.treat(await made.order(file))).rejects.toThrow(step)
      const second = again(made, { ports: { onStep: crashAt(step) } })
      await second.treater.recover().catch(() => [])
      await again(second).treater.recover()
      if (exists(file)) {
        expect(readFileSync(file).equals(content)).toBe(true)
        expect(flagsOf(file)).toBe(inodeFlags.immutable)
      }
      expect(flagsOf(made.files)).toBe(inodeFlags.immutable)
      flag(made.files, 0)
    },
  )
})

describe('a folder that is not ours to write to', () => {
  it('needs an administrator; nothing is changed, no restart is advised', async () => {
    await asOrdinaryUser(async () => {
      const made = lab()
      mkdirSync(join(made.files, 'folder'))
      const content = infectedContent()
      const file = made.write('folder/evil', content)
      const order = await made.order(file)
      chmodSync(join(made.files, 'folder'), 0o555)
      expect(await made.treater.treat(order)).toEqual({ status: 'failed', code: 'needs-administrator' })
      expect(readFileSync(file).equals(content)).toBe(true)
      expect(made.vault.list()).toEqual([])
      expect(await made.treater.replayPending()).toEqual([])
      chmodSync(join(made.files, 'folder'), 0o755)
    })
  })

  it.runIf(isRoot)('needs an administrator for the file of somebody else in a folder for everybody', async () => {
    const shared = mkdtempSync(join(tmpdir(), 'sticky-'))
    chmodSync(shared, 0o1777)
    const file = join(shared, 'evil')
    writeFileSync(file, infectedContent(), { mode: 0o644 })
    try {
      await asOrdinaryUser(async () => {
        const made = lab()
        expect(await made.treater.treat(await made.order(file))).toEqual({
          status: 'failed',
          code: 'needs-administrator',
        })
      })
      expect(exists(file)).toBe(true)
    } finally {
      rmSync(shared, { recursive: true })
    }
  })
})

describe.runIf(canFlag())('a swap file', () => {
  /** The system refuses to move it as it does for an immutable file, until it is out of use. */
  function swapLab(options: { isRoot: boolean; usedKiB: number; ports?: Partial<TreatPorts> }): {
    readonly made: Lab
    readonly file: string
    readonly acted: string[]
  } {
    const root = mkdtempSync(join(tmpdir(), 'machine-'))
    machines.push(root)
    const acted: string[] = []
    const machine = createMachine({
      root,
      isRoot: options.isRoot,
      calls: {
        ...systemCalls(),
        flags: () => 0,
        swapOff: (path) => {
          acted.push('off')
          flag(path.toString(), 0)
          writeFileSync(join(root, 'proc/swaps'), 'Filename Type Size Used Priority\n')
        },
        swapOn: (path) => void acted.push(`on, ${statSync(path).ino === statSync(file).ino ? 'the file' : 'another'}`),
      },
    })
    const made = lab({ ports: { ...options.ports, machine } })
    const file = made.write('swap file', infectedContent())
    chmodSync(file, 0o4755)
    flag(file, inodeFlags.immutable)
    mkdirSync(join(root, 'proc'))
    const name = file.replace(' ', '\\040')
    writeFileSync(
      join(root, 'proc/swaps'),
      `Filename Type Size Used Priority\n${name} file 1024 ${options.usedKiB} -2\n`,
    )
    writeFileSync(join(root, 'proc/meminfo'), 'MemTotal: 2000 kB\nMemAvailable: 1000 kB\n')
    return { made, file, acted }
  }

  it('is taken out of use by root and deleted', async () => {
    const { made, file, acted } = swapLab({ isRoot: true, usedKiB: 100 })
    expect(await made.treater.treat(await made.order(file))).toMatchObject({ status: 'deleted' })
    expect(exists(file)).toBe(false)
    expect(acted).toEqual(['off'])
  })

  it('is used again when the treatment is undone', async () => {
    const { made, file, acted } = swapLab({ isRoot: true, usedKiB: 100, ports: fullDiskAt('verified') })
    await expect(made.treater.treat(await made.order(file))).rejects.toThrow('disk-full')
    expect(exists(file)).toBe(true)
    expect(acted).toEqual(['off', 'on, the file'])
  })

  it.each([
    ['we are not root', false, 100],
    ['what is swapped out may not fit into memory', true, 900],
  ])('waits for a restart when %s', async (_why, root, usedKiB) => {
    const { made, file, acted } = swapLab({ isRoot: root, usedKiB })
    const order = await made.order(file)
    expect(await made.treater.treat(order)).toMatchObject({
      status: 'at-restart',
      reason: 'swap',
      holder: 'the swap space of the system',
    })
    expect(acted).toEqual([])
    expect(made.vault.list()).toMatchObject([{ restorable: false }])
    expect(statSync(file).size).toBe(order.object.identity.size)
  })

  async function waiting(): Promise<{ readonly file: string; readonly after: () => Lab }> {
    const { made, file } = swapLab({ isRoot: false, usedKiB: 100 })
    const { detectionId } = await made.order(file)
    expect(await made.treater.treat({ ...(await made.order(file)), detectionId })).toMatchObject({
      status: 'at-restart',
    })
    flag(file, 0)
    return { file, after: () => again(made, { ports: { bootToken: () => 'boot-2' } }) }
  }

  it.each(['stored', 'defusing', 'defused', 'outcome'] as const)(
    'cannot be started any more, and its copy has the rights that it had, also after a crash at the step %s',
    async (step) => {
      const { made, file } = swapLab({ isRoot: false, usedKiB: 100, ports: { onStep: crashAt(step) } })
      // The system refuses to move it because of its folder, so that its rights can be taken.
      flag(file, 0)
      flag(made.files, inodeFlags.appendOnly)
      const { machine } = made.ports
      await expect(made.treater.treat(await made.order(file))).rejects.toThrow(step)
      const next = again(made, { ports: { machine } })
      await next.treater.recover()
      expect(await next.treater.replayPending()).toMatchObject([{ outcome: { status: 'at-restart', reason: 'swap' } }])
      expect(statSync(file).mode & 0o7777).toBe(0o644)
      const [copy, ...more] = next.vault.list()
      if (copy === undefined) throw new Error('no copy')
      expect(more).toEqual([])
      const opened = next.vault.open(copy.id)
      expect(opened.metadata.mode).toBe(0o4755)
      opened.close()
      flag(made.files, 0)
    },
  )

  it('that was removed before the restart ends as gone (58)', async () => {
    const { file, after } = await waiting()
    rmSync(file)
    const next = after()
    expect(await next.treater.replayPending()).toMatchObject([{ outcome: { status: 'gone' }, attempts: 1 }])
    expect(await next.treater.replayPending()).toEqual([])
  })

  it('that has another content after the restart is left alone, to be looked at again (58)', async () => {
    const { file, after } = await waiting()
    writeFileSync(file, 'nothing bad any more')
    const next = after()
    expect(await next.treater.replayPending()).toMatchObject([{ outcome: { status: 'changed' }, attempts: 1 }])
    expect(readFileSync(file, 'utf8')).toBe('nothing bad any more')
    expect(await next.treater.replayPending()).toEqual([])
  })

  it('is deleted after the restart, and its one copy has the rights that it had (57)', async () => {
    const { file, after } = await waiting()
    const next = after()
    const [copy] = next.vault.list()
    expect(await next.treater.replayPending()).toMatchObject([
      { outcome: { status: 'deleted', quarantineId: copy?.id }, attempts: 1 },
    ])
    expect(exists(file)).toBe(false)
    expect(next.vault.list()).toMatchObject([{ id: copy?.id, restorable: true }])
    if (copy === undefined) throw new Error('no copy')
    const opened = next.vault.open(copy.id)
    expect(opened.metadata.mode).toBe(0o4755)
    opened.close()
  })
})
