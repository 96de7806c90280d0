import { chmodSync } from 'node:fs'
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
