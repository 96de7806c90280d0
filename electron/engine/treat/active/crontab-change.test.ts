// One's own table of cron, through a program that stands for cron's: a script that keeps the table in a file.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { TreatPorts } from '../context.ts'
import { createLab, type Lab, type LabOptions } from '../testing/treatment-lab.ts'
import { type CrontabPort, ownCrontab } from './autostart/own-crontab.ts'
import { planActive } from './plan.ts'
import { badPath, createMachine, home, type Machine } from './testing/machine.ts'

const table = `MAILTO=""\n@reboot $HOME/.cache/evil\n5 4 * * * other\n`
const without = `MAILTO=""\n5 4 * * * other\n`

let machine: Machine
let crontab: CrontabPort
const labs: Lab[] = []
beforeEach(() => {
  machine = createMachine()
  const program = join(machine.root, 'crontab-program')
  const kept = join(machine.root, 'table')
  const refusal = join(machine.root, 'refuse')
  const script = [
    '#!/bin/sh',
    `case "$1" in -l) exec /bin/cat '${kept}' ;; esac`,
    `[ -e '${refusal}' ] && exit 1`,
    `exec /bin/cat > '${kept}'`,
  ]
  writeFileSync(program, `${script.join('\n')}\n`)
  chmodSync(program, 0o755)
  writeFileSync(kept, table)
  // The accounts of this machine are its own: the table is that of `u`.
  crontab = { ...made(ownCrontab(program, false)), user: 'u' }
})
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
  machine.remove()
})

function made<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('missing')
  return value
}

const kept = (): string => readFileSync(join(machine.root, 'table'), 'utf8')

function options(ports: Partial<TreatPorts> = {}): LabOptions {
  const autostart = { root: machine.root, homes: [home], crontab, reload: () => Promise.resolve() }
  return { ports: { mayEnd: () => true, autostart, ...ports } }
}

function lab(ports: Partial<TreatPorts> = {}): Lab {
  const created = createLab(options(ports))
  labs.push(created)
  return created
}

const place = '/var/spool/cron/crontabs/u'
const entry = `${place}: @reboot $HOME/.cache/evil`

describe("a line in one's own table of cron", () => {
  it('is named by the plan, goes with the file, and is kept in Quarantine (59)', async () => {
    const { treater, vault, order, copyOf } = lab()
    const given = await order(machine.real(badPath))
    const ports = { mayEnd: () => true, guard: { check: () => Promise.resolve(undefined) } }
    const plan = await planActive({ ...ports, autostart: made(options().ports?.autostart) }, given.object)
    expect(plan.autostart).toEqual([{ kind: 'cron', file: { text: place }, entry: '@reboot $HOME/.cache/evil' }])
    expect(kept()).toBe(table)
    expect(await treater.treat(given)).toMatchObject({ status: 'deleted', acts: { autostartRemoved: [entry] } })
    expect(kept()).toBe(without)
    const copy = made(vault.list().find(({ copyOf: of }) => of === 'entry'))
    expect(copy).toMatchObject({ originalPath: { text: place }, detectionId: given.detectionId })
    expect((await copyOf(copy.id)).toString()).toBe(table)
  })

  it('is put back when the file stays, unless somebody changed the table meanwhile', async () => {
    for (const [written, expected, copies] of [
      [undefined, table, 0],
      ['1 2 3 4 5 mine\n', '1 2 3 4 5 mine\n', 1],
    ] as const) {
      writeFileSync(join(machine.root, 'table'), table)
      machine.write(badPath, `bad ${copies}`)
      const onStep = (step: string): void => {
        if (step !== 'grab-planned') return
        if (written !== undefined) writeFileSync(join(machine.root, 'table'), written)
        machine.write(badPath, 'another content')
      }
      const { treater, vault, order } = lab({ onStep })
      expect(await treater.treat(await order(machine.real(badPath)))).toEqual({ status: 'changed' })
      expect(kept()).toBe(expected)
      expect(vault.list()).toHaveLength(copies)
    }
  })

  it('is finished or put back after a crash', async () => {
    const first = lab({
      onStep: (step) => {
        if (step === 'grab-planned') throw new Error('power failure')
      },
    })
    const order = await first.order(machine.real(badPath))
    await expect(first.treater.treat(order)).rejects.toThrow('treatment ended at')
    expect(kept()).toBe(without)
    const protecting = first.again(options({ guard: { check: () => Promise.resolve('own-data') } }))
    labs.push(protecting)
    expect(await protecting.treater.recover()).toMatchObject([{ outcome: { status: 'protected' } }])
    expect(kept()).toBe(table)
    expect(protecting.vault.list()).toEqual([])
  })

  it('stays and is named when cron does not take the new table', async () => {
    writeFileSync(join(machine.root, 'refuse'), '')
    const { treater, vault, order } = lab()
    const outcome = await treater.treat(await order(machine.real(badPath)))
    expect(outcome).toMatchObject({ status: 'deleted', acts: { autostartLeft: [entry] } })
    expect(kept()).toBe(table)
    expect(vault.list()).toHaveLength(1)
  })
})

it('an administrator has no table of this kind, nor a system without the program', () => {
  expect(ownCrontab(join(machine.root, 'crontab-program'), true)).toBeUndefined()
  expect(ownCrontab('/nowhere', false)).toBeUndefined()
})
