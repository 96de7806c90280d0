import {
  appendFileSync,
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import type { StepName, TreatPorts } from '../context.ts'
import { startTimeOf } from '../processes.ts'
import { createLab, infectedContent, type Lab, type LabOptions } from '../testing/treatment-lab.ts'
import { badPath, createMachine, home, type Machine } from './testing/machine.ts'
import { childrenOf, endAll, isStopped, run, until } from './testing/run.ts'

let machine: Machine
const labs: Lab[] = []
beforeEach(() => {
  machine = createMachine()
})
afterEach(() => {
  endAll()
  for (const lab of labs.splice(0)) lab.remove()
  machine.remove()
})

const rc = `${home}/.bashrc`
const unit = `${home}/.config/systemd/user/update.service`
const wants = `${home}/.config/systemd/user/default.target.wants/update.service`
const after = { [rc]: 'ls\nls\n' }

/** A script that runs, a line, a unit and its link that start it. */
async function prepare(): Promise<readonly number[]> {
  machine.write(badPath, `#!/bin/sh\n# ${infectedContent(20).toString('hex')}\nwhile :; do sleep 61; done\n`)
  chmodSync(machine.real(badPath), 0o755)
  machine.write(rc, `ls\n${badPath} &\nls\n`)
  machine.write(unit, `[Service]\nExecStart=${badPath}\n`)
  machine.link(wants, '../update.service')
  const pid = await run('/bin/sh', [machine.real(badPath)])
  return [pid, ...(await childrenOf(pid))]
}

function options(ports: Partial<TreatPorts>): LabOptions {
  const autostart = { root: machine.root, homes: [home], reload: () => Promise.resolve() }
  return { ports: { mayEnd: () => true, autostart, ...ports } }
}

function crashAt(step: StepName, count = 1): (name: StepName) => void {
  let seen = 0
  return (name) => {
    seen += name === step ? 1 : 0
    if (name === step && seen === count) throw new Error('power failure')
  }
}

/** Treats until the crash, in a lab of its own; the lab of the next start. */
async function crashed(
  step: StepName,
  count: number,
  next: Partial<TreatPorts> = {},
): Promise<{ lab: Lab; order: TreatmentOrder }> {
  const lab = createLab(options({ onStep: crashAt(step, count) }))
  labs.push(lab)
  const order = await lab.order(machine.real(badPath))
  await expect(lab.treater.treat(order)).rejects.toThrow('treatment ended at')
  const again = lab.again(options(next))
  labs.push(again)
  return { lab: again, order }
}

function others(): Record<string, string> {
  const { '/etc/passwd': _accounts, ...rest } = machine.all()
  return rest
}

async function copies(lab: Lab): Promise<string[]> {
  const items = lab.vault.list()
  for (const { id } of items) await lab.copyOf(id)
  return items.map(({ originalPath }) => originalPath.text.slice(machine.root.length)).sort()
}

const steps: readonly (readonly [StepName, number])[] = [
  ['intent', 1],
  ['opened', 1],
  ['stopping', 1],
  ['stopped', 1],
  ['storing', 1],
  ['stored', 1],
  ['entry-planned', 1],
  ['entry-planned', 2],
  ['entry-planned', 3],
  ['entry-stored', 1],
  ['entry-stored', 2],
  ['entry-stored', 3],
  ['entry-written', 1],
  ['entry-changed', 1],
  ['entry-changed', 2],
  ['entry-changed', 3],
  ['grab-planned', 1],
  ['grabbed', 1],
  ['verified', 1],
  ['ended', 1],
  ['removing', 1],
  ['holders', 1],
  ['removed', 1],
  ['ended', 2],
  ['besides-done', 1],
]

describe('a crash while an active object is treated', () => {
  it.each(steps)(
    'after the step %s (%i) ends the same at the next start: nothing lost, nothing twice',
    async (step, count) => {
      const processes = await prepare()
      const { lab, order } = await crashed(step, count)
      expect(await lab.treater.recover()).toMatchObject([{ outcome: { status: 'deleted' } }])
      expect(await lab.treater.recover()).toEqual([])
      expect(others()).toEqual(after)
      expect(processes.map(startTimeOf)).toEqual([undefined, undefined])
      expect(await copies(lab)).toEqual([badPath, rc, unit].sort())
      expect(await lab.treater.treat(order)).toMatchObject({ status: 'deleted' })
    },
  )

  it.each([
    ['stopped', 1],
    ['entry-written', 1],
    ['entry-changed', 1],
    ['entry-changed', 3],
    ['grabbed', 1],
  ] as const)('after the step %s (%i) is undone where the file turns out to be another one', async (step, count) => {
    const processes = await prepare()
    const before = others()
    const { lab } = await crashed(step, count, { guard: { check: () => Promise.resolve('own-data') } })
    const isMoved = step === 'grabbed'
    await lab.treater.recover()
    if (isMoved) {
      // The copy was safe and the file away: that is finished, never undone.
      expect(others()).toEqual(after)
      return
    }
    expect(others()).toEqual(before)
    expect(lab.vault.list()).toEqual([])
    await until(() => processes.every((pid) => startTimeOf(pid) !== undefined && !isStopped(pid)))
  })

  it('keeps what somebody wrote into a file before the next start', async () => {
    await prepare()
    const { lab } = await crashed('entry-changed', 1, { guard: { check: () => Promise.resolve('own-data') } })
    const changed = others()[rc] === 'ls\nls\n' ? rc : unit
    machine.write(changed, 'written by somebody\n')
    await lab.treater.recover()
    expect(machine.read(changed)).toBe('written by somebody\n')
    expect(Object.keys(others()).sort()).toEqual([badPath, rc, unit, wants].sort())
    expect(await copies(lab)).toEqual([changed])
  })
})

/** The journal as if the volume had had another number before the restart. */
function giveOtherDevice(lab: Lab): void {
  const journal = join(lab.dataDir, 'treatments.jsonl')
  const { dev } = statSync(machine.root)
  writeFileSync(journal, readFileSync(journal, 'utf8').replaceAll(`"dev":"${dev}"`, '"dev":"4242"'))
}

/** What waits beside a file of the machine under a name of ours. */
function waiting(path: string): string[] {
  const folder = dirname(machine.real(path))
  return readdirSync(folder)
    .filter((name) => name.endsWith('.part') || name.endsWith('.part.old'))
    .map((name) => join(folder, name))
}

/** No program runs: only the entries. */
function writeEntries(): void {
  machine.write(badPath, infectedContent())
  machine.write(rc, `ls\n${badPath} &\nls\n`)
  machine.write(unit, `[Service]\nExecStart=${badPath}\n`)
  machine.link(wants, '../update.service')
}

describe('the old file of an entry', () => {
  it.each(['entry-written', 'entry-changed'] as const)(
    'is known after a restart in which its volume got another number (%s)',
    async (step) => {
      for (const count of step === 'entry-written' ? [1] : [1, 2, 3]) {
        writeEntries()
        const before = others()
        const lab = createLab(options({ onStep: crashAt(step, count) }))
        labs.push(lab)
        await expect(lab.treater.treat(await lab.order(machine.real(badPath)))).rejects.toThrow('treatment ended at')
        giveOtherDevice(lab)
        const again = lab.again(options({}))
        labs.push(again)
        // The object itself is not known again: everything stays as it was.
        expect(await again.treater.recover()).toMatchObject([{ outcome: { status: 'changed' } }])
        expect(others()).toEqual(before)
        expect(again.vault.list()).toEqual([])
        rmSync(machine.real(wants))
      }
    },
  )

  it('that somebody takes away while it waits is still in Quarantine', async () => {
    writeEntries()
    const onStep = (step: StepName): void => {
      if (step !== 'grab-planned') return
      for (const path of [...waiting(rc), ...waiting(unit), ...waiting(wants)]) rmSync(path)
      writeFileSync(machine.real(badPath), 'another content')
    }
    const lab = createLab(options({ onStep }))
    labs.push(lab)
    expect(await lab.treater.treat(await lab.order(machine.real(badPath)))).toEqual({ status: 'changed' })
    expect(machine.read(rc)).toBe('ls\nls\n')
    expect(await copies(lab)).toEqual([rc, unit].sort())
  })

  it('is in Quarantine too where nothing can be undone at all', async () => {
    writeEntries()
    const onStep = (step: StepName): void => {
      if (step !== 'grab-planned') return
      renameSync(machine.real(`${home}/.config`), machine.real(`${home}/elsewhere`))
      writeFileSync(machine.real(badPath), 'another content')
    }
    const lab = createLab(options({ onStep }))
    labs.push(lab)
    expect(await lab.treater.treat(await lab.order(machine.real(badPath)))).toEqual({ status: 'changed' })
    expect(machine.read(rc)).toBe(`ls\n${badPath} &\nls\n`)
    expect(await copies(lab)).toEqual([unit])
  })

  it.each([
    ['finished', undefined, 'deleted'],
    ['undone', 'own-data', 'protected'],
  ] as const)('gives way to nothing: what somebody put in its place is there when it is %s', async (_, reason, end) => {
    writeEntries()
    const { lab } = await crashed('entry-changed', 3, { guard: { check: () => Promise.resolve(reason) } })
    const [place = ''] = waiting(rc)
    renameSync(place, `${place}.moved`)
    writeFileSync(place, 'written by somebody')
    expect(await lab.treater.recover()).toMatchObject([{ outcome: { status: end } }])
    expect(readFileSync(place, 'utf8')).toBe('written by somebody')
  })

  it('that a program writes into while it waits gets a name of its own', async () => {
    writeEntries()
    const onStep = (step: StepName): void => {
      if (step === 'grab-planned') for (const path of waiting(rc)) appendFileSync(path, 'saved in this moment\n')
    }
    const lab = createLab(options({ onStep }))
    labs.push(lab)
    expect(await lab.treater.treat(await lab.order(machine.real(badPath)))).toMatchObject({ status: 'deleted' })
    expect(machine.read(rc)).toBe('ls\nls\n')
    const [name = ''] = readdirSync(machine.real(home)).filter((one) => one.startsWith('.bashrc.'))
    expect(machine.read(`${home}/${name}`)).toBe(`ls\n${badPath} &\nls\nsaved in this moment\n`)
    expect(waiting(rc)).toEqual([])
  })
})

it('the managers of units are told after a recovery too', async () => {
  writeEntries()
  let reloads = 0
  const reload = (): Promise<void> => {
    reloads += 1
    return Promise.resolve()
  }
  const autostart = { root: machine.root, homes: [home], reload }
  const { lab } = await crashed('besides-done', 1, { autostart })
  await lab.treater.recover()
  expect(reloads).toBeGreaterThan(0)
  expect(existsSync(machine.real(unit))).toBe(false)
})
