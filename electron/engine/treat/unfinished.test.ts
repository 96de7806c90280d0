// Treatments that can be neither finished nor undone for a while: a volume fails or is pulled, a folder cannot be entered. The object
// and its copy are never lost sight of, a person is told, and all of it ends as soon as it can.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { inodeFlags } from '../files/linux-calls.ts'
import type { StepName, TreatPorts } from './context.ts'
import { type Failure, failing } from './testing/failing-calls.ts'
import { canFlag, setFlags } from './testing/inode-flags.ts'
import { asOrdinaryUser } from './testing/ordinary-user.ts'
import { createLab, exists, infectedContent, type Lab, type LabOptions } from './testing/treatment-lab.ts'
import { makeZip } from './testing/zip-fixture.ts'

const labs: Lab[] = []
const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
  for (const lab of labs.splice(0)) lab.remove()
})

function made(options: LabOptions = {}): Lab {
  const lab = createLab(options)
  labs.push(lab)
  return lab
}

function again(lab: Lab): Lab {
  const next = lab.again({})
  labs.push(next)
  return next
}

const at = (steps: Partial<Record<StepName, () => void>>): Pick<TreatPorts, 'onStep'> => ({
  onStep: (name) => steps[name]?.(),
})
const crashAt = (step: StepName): Pick<TreatPorts, 'onStep'> =>
  at({
    [step]: () => {
      throw new Error('power failure')
    },
  })

/** Until `stop` is called, and over the test at the latest. */
function fails(failure: Failure): () => void {
  const stop = failing(failure)
  cleanUps.push(stop)
  return stop
}

const grabName = /^\.[0-9a-f]{24}$/
const grabbed = (lab: Lab): string[] => readdirSync(join(lab.dataDir, 'grab'))

const unfinished = { status: 'failed', code: 'unfinished' }

async function expectDeleted(lab: Lab, order: TreatmentOrder, content: Buffer): Promise<void> {
  expect(await lab.treater.replayPending()).toMatchObject([{ outcome: { status: 'deleted' } }])
  expect(grabbed(lab)).toEqual([])
  expect((await lab.copyOf(lab.vault.list()[0]?.id ?? '')).equals(content)).toBe(true)
  expect(await lab.treater.treat(order)).toMatchObject({ status: 'deleted' })
  expect(await lab.treater.replayPending()).toEqual([])
}

describe('an object that was moved away', () => {
  it('and can be neither removed nor put back keeps its copy, and is finished as soon as the disk works again', async () => {
    const lab = made()
    const content = infectedContent()
    const file = lab.write('evil', content)
    const order = await lab.order(file)
    const works = fails((call, name) => (call !== 'fsyncSync' && grabName.test(name) ? 'fails' : undefined))
    expect(await lab.treater.treat(order)).toEqual(unfinished)
    expect(exists(file)).toBe(false)
    expect(grabbed(lab)).toHaveLength(1)
    expect(lab.vault.list()).toHaveLength(1)
    expect(await lab.treater.replayPending()).toMatchObject([{ outcome: unfinished }])
    expect(await lab.treater.treat(order)).toEqual(unfinished)
    expect(lab.vault.list()).toHaveLength(1)
    works()
    await expectDeleted(lab, order, content)
  })

  it('is finished by the next start, too', async () => {
    const lab = made()
    const content = infectedContent()
    const order = await lab.order(lab.write('evil', content))
    const works = fails((call, name) => (call !== 'fsyncSync' && grabName.test(name) ? 'fails' : undefined))
    expect(await lab.treater.treat(order)).toEqual(unfinished)
    const next = again(lab)
    expect(await next.treater.recover()).toMatchObject([{ outcome: unfinished }])
    expect(next.vault.list()).toHaveLength(1)
    works()
    await expectDeleted(next, order, content)
  })

  it('and cannot be removed gets its name back, and is as before', async () => {
    const lab = made()
    const content = infectedContent()
    const file = lab.write('evil', content)
    fails((call, name) => (call === 'unlinkSync' && grabName.test(name) ? 'fails' : undefined))
    expect(await lab.treater.treat(await lab.order(file))).toEqual({ status: 'failed', code: 'io-error' })
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(lab.vault.list()).toEqual([])
    expect(grabbed(lab)).toEqual([])
  })

  it.each(['unlinkSync', 'renameSync'])('is known to be although %s said that it failed', async (failed) => {
    const lab = made()
    const content = infectedContent()
    const file = lab.write('evil', content)
    fails((call, name, to) => (call === failed && (grabName.test(name) || grabName.test(to)) ? 'done' : undefined))
    expect(await lab.treater.treat(await lab.order(file))).toMatchObject({ status: 'deleted' })
    expect(exists(file)).toBe(false)
    expect(grabbed(lab)).toEqual([])
    expect((await lab.copyOf(lab.vault.list()[0]?.id ?? '')).equals(content)).toBe(true)
  })

  it('and removed, but perhaps not on disk, keeps its copy', async () => {
    const lab = made()
    const content = infectedContent()
    const order = await lab.order(lab.write('evil', content))
    let isRemoved = false
    const works = fails((call, name) => {
      isRemoved ||= call === 'unlinkSync' && grabName.test(name)
      return isRemoved && call === 'fsyncSync' ? 'fails' : undefined
    })
    expect(await lab.treater.treat(order)).toEqual(unfinished)
    expect(lab.vault.list()).toHaveLength(1)
    works()
    await expectDeleted(lab, order, content)
  })

  it('is back although what was to take its place cannot be removed; that goes later', async () => {
    const lab = made()
    const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
    const bad = { name: 'evil', content: infectedContent(), stored: true }
    const content = makeZip([good, bad]).bytes
    const file = lab.write('a.zip', content)
    const order = await lab.order(file, {
      verb: 'disinfect',
      members: [['evil']],
      container: { format: 'zip', leaves: 2 },
    })
    const works = fails((call, name, to) => {
      if (call === 'unlinkSync' && name.endsWith('.part')) return 'fails'
      return call === 'renameNoReplace' && name.endsWith('.part') && to === 'a.zip' ? 'fails' : undefined
    })
    expect(await lab.treater.treat(order)).toEqual(unfinished)
    expect(readFileSync(file).equals(content)).toBe(true)
    expect(lab.vault.list()).toHaveLength(1)
    works()
    expect(await lab.treater.replayPending()).toMatchObject([{ outcome: { status: 'disinfected' } }])
    expect(readdirSync(lab.files)).toEqual(['a.zip'])
    expect(lab.vault.list()).toHaveLength(1)
  })
})

describe('a clean file that was swapped in and moved away', () => {
  it('is given back although its folder was removed, which is made again (53)', async () => {
    const lab = made({
      ports: at({
        'grab-planned': () => {
          rmSync(join(lab.files, 'd/evil'))
          writeFileSync(join(lab.files, 'd/evil'), 'a clean letter')
        },
        grabbed: () => rmSync(join(lab.files, 'd'), { recursive: true }),
      }),
    })
    mkdirSync(join(lab.files, 'd'))
    const file = lab.write('d/evil', infectedContent())
    expect(await lab.treater.treat(await lab.order(file))).toEqual(unfinished)
    expect(grabbed(lab)).toHaveLength(1)
    // As long as a file is where its folder was there is nothing to be done.
    writeFileSync(join(lab.files, 'd'), '')
    const next = again(lab)
    expect(await next.treater.recover()).toMatchObject([{ outcome: unfinished }])
    expect(grabbed(next)).toHaveLength(1)
    rmSync(join(lab.files, 'd'))
    expect(await next.treater.replayPending()).toMatchObject([{ outcome: { status: 'changed' } }])
    expect(readFileSync(file, 'utf8')).toBe('a clean letter')
    expect(grabbed(next)).toEqual([])
  })
})

describe.runIf(canFlag())('an object that lies in our private folder after a crash', () => {
  it('stays known while it can be neither removed nor put back, and is deleted as soon as it can', async () => {
    const lab = made({ ports: crashAt('verified') })
    const content = infectedContent()
    const order = await lab.order(lab.write('evil', content))
    await expect(lab.treater.treat(order)).rejects.toThrow('verified')
    const folder = join(lab.dataDir, 'grab')
    cleanUps.push(() => setFlags(folder, 0))
    setFlags(folder, inodeFlags.immutable)
    const next = again(lab)
    expect(await next.treater.recover()).toMatchObject([{ outcome: unfinished }])
    expect(next.vault.list()).toHaveLength(1)
    setFlags(folder, 0)
    await expectDeleted(next, order, content)
  })
})

/** A folder on another volume than the data folder, where there is one: then objects are moved into a folder on it. */
function otherVolume(): string {
  const stick = mkdtempSync('/dev/shm/treat-stick-')
  cleanUps.push(() => rmSync(stick, { recursive: true, force: true }))
  return stick
}
const hasOtherVolume = exists('/dev/shm') && !isSameVolume('/dev/shm', tmpdir())

function isSameVolume(one: string, other: string): boolean {
  const probe = join(one, `treat-probe-${process.pid}`)
  writeFileSync(probe, '')
  try {
    renameSync(probe, join(other, basename(probe)))
    rmSync(join(other, basename(probe)))
    return true
  } catch {
    rmSync(probe)
    return false
  }
}

describe.runIf(hasOtherVolume)('an object on a drive that is pulled in the middle of its treatment', () => {
  it.each(['grab-planned', 'grabbed', 'verified', 'removing'] as const)(
    'after the step %s is not called deleted or gone while the drive is away, and deleted when it is back',
    (step) =>
      asOrdinaryUser(async () => {
        const lab = made({ ports: crashAt(step) })
        const content = infectedContent()
        const drive = otherVolume()
        const file = join(drive, 'evil')
        writeFileSync(file, content)
        const order = await lab.order(file)
        await expect(lab.treater.treat(order)).rejects.toThrow(step)
        cleanUps.push(() => rmSync(`${drive}-away`, { recursive: true, force: true }))
        // An empty folder to mount at stays.
        renameSync(drive, `${drive}-away`)
        mkdirSync(drive)
        let next = again(lab)
        expect(await next.treater.recover()).toMatchObject([{ outcome: unfinished }])
        expect(await next.treater.treat(order)).toEqual(unfinished)
        expect(next.vault.list()).toHaveLength(1)
        rmSync(drive, { recursive: true })
        renameSync(`${drive}-away`, drive)
        next = again(next)
        expect(await next.treater.recover()).toMatchObject([{ outcome: { status: 'deleted' } }])
        expect(exists(file)).toBe(false)
        expect(readdirSync(drive)).toEqual([])
        expect((await next.copyOf(next.vault.list()[0]?.id ?? '')).equals(content)).toBe(true)
      }),
  )
})

describe.runIf(hasOtherVolume)('an object on another drive that was removed', () => {
  it.each(['fsyncSync', 'writeSync'])('is known to be, by the folder it lay in, although %s failed then', (failed) =>
    asOrdinaryUser(async () => {
      const lab = made()
      const content = infectedContent()
      const drive = otherVolume()
      writeFileSync(join(drive, 'evil'), content)
      const order = await lab.order(join(drive, 'evil'))
      let isRemoved = false
      const works = fails((call, name) => {
        isRemoved ||= call === 'unlinkSync' && grabName.test(name)
        return isRemoved && call === failed ? 'fails' : undefined
      })
      expect(await lab.treater.treat(order)).toEqual(unfinished)
      expect(await lab.treater.replayPending()).toMatchObject([{ outcome: unfinished }])
      works()
      await expectDeleted(lab, order, content)
      expect(readdirSync(drive)).toEqual([])
    }),
  )
})

describe('one treatment that cannot be recovered', () => {
  it('keeps none of the others from it', () =>
    asOrdinaryUser(async () => {
      const lab = made({ ports: crashAt('grabbed') })
      mkdirSync(join(lab.files, 'd'))
      const closed = await lab.order(lab.write('d/evil', infectedContent()))
      const other = await lab.order(lab.write('other', infectedContent()))
      for (const order of [closed, other]) await expect(lab.treater.treat(order)).rejects.toThrow('grabbed')
      // The copy of the first is damaged, so it has to be put back, and its folder may not be entered.
      for (const { id, detectionId } of lab.vault.list()) if (detectionId === closed.detectionId) lab.vault.delete([id])
      chmodSync(join(lab.files, 'd'), 0)
      cleanUps.push(() => chmodSync(join(lab.files, 'd'), 0o755))
      const next = again(lab)
      expect(await next.treater.recover()).toMatchObject([
        { detectionId: closed.detectionId, outcome: unfinished },
        { detectionId: other.detectionId, outcome: { status: 'deleted' } },
      ])
      expect(await next.treater.recover()).toMatchObject([{ detectionId: closed.detectionId, outcome: unfinished }])
      chmodSync(join(lab.files, 'd'), 0o755)
      expect(await next.treater.recover()).toMatchObject([{ outcome: { status: 'deleted' } }])
      expect(grabbed(next)).toEqual([])
      expect(next.vault.list()).toHaveLength(2)
    }))
})
