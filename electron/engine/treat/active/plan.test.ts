import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Guard } from '../guard.ts'
import { createLab, type Lab } from '../testing/treatment-lab.ts'
import { planActive } from './plan.ts'
import { badPath, createMachine, home } from './testing/machine.ts'
import { childrenOf, endAll, run } from './testing/run.ts'

let lab: Lab
beforeEach(() => {
  lab = createLab()
})
afterEach(() => {
  endAll()
  lab.remove()
})

const guard = { check: () => Promise.resolve(undefined) }
const nowhere = { root: '/nowhere', homes: [], reload: () => Promise.resolve() }

function script(name: string, text: string): string {
  const file = lab.write(name, text)
  chmodSync(file, 0o755)
  return file
}

async function planOf(file: string, mayEnd: (pid: number) => boolean = () => true) {
  const { object } = await lab.order(file)
  return planActive({ mayEnd, guard, autostart: nowhere }, object)
}

it('names the processes of a program and what they started', async () => {
  const file = join(lab.files, 'evil')
  copyFileSync('/bin/dash', file)
  const pid = await run(file, ['-c', 'sleep 61; true'])
  const [child] = await childrenOf(pid)
  const plan = await planOf(file)
  expect(plan.processes).toMatchObject([
    { pid, name: 'evil', path: { text: file }, runs: true, willEnd: true },
    { pid: child, name: 'sleep', runs: true, willEnd: true },
  ])
  expect(plan.files).toEqual([{ path: { text: file }, threat: 'Lab.Marker' }])
})

it('names an interpreter that runs the script, however it was called, and no other one', async () => {
  const file = script('evil.sh', '#!/bin/sh\nread forever < "$1"\n')
  const other = script('other.sh', 'while :; do sleep 61; done\n')
  const fifo = join(lab.root, 'fifo')
  execFileSync('mkfifo', [fifo])
  const link = join(lab.root, 'link.sh')
  symlinkSync(file, link)
  const direct = await run(file, [fifo])
  const named = await run('/bin/sh', ['-e', link, fifo])
  const relative = await run('/bin/bash', ['--norc', '-o', 'pipefail', 'evil.sh', fifo], lab.files)
  const onlyArgument = await run('/bin/sh', [other, file])
  const command = await run('/bin/sh', ['-c', 'sleep 61; true', file])
  const pids = (await planOf(file)).processes.map(({ pid }) => pid)
  expect(pids.sort()).toEqual([direct, named, relative].sort())
  expect(pids).not.toContain(onlyArgument)
  expect(pids).not.toContain(command)
})

it('names a process that only has it open, and one of somebody else, and ends neither', async () => {
  const file = script('evil.sh', 'while :; do sleep 61; done\n')
  const reader = await run('/bin/sh', ['-c', `exec 7< "$0"; while :; do sleep 61; done`, file])
  const runner = await run('/bin/sh', [file])
  const { processes } = await planOf(file, (pid) => pid !== runner)
  expect(processes.find(({ pid }) => pid === reader)).toMatchObject({ runs: false, willEnd: false, why: 'only-holds' })
  expect(processes.find(({ pid }) => pid === runner)).toMatchObject({ runs: true, willEnd: false, why: 'not-ours' })
})

it('never ends ourselves or those we descend from', async () => {
  const { processes } = await planOf(process.execPath)
  expect(processes.find(({ pid }) => pid === process.ppid)).toMatchObject({ willEnd: false, why: 'own-line' })
  expect(processes.some(({ pid }) => pid === process.pid)).toBe(false)
})

it('says nothing of a file that nobody runs', async () => {
  writeFileSync(join(lab.files, 'quiet'), 'nobody runs this')
  expect((await planOf(join(lab.files, 'quiet'))).processes).toEqual([])
})

it('names the entries that start a file, and those that would be left', async () => {
  const machine = createMachine()
  try {
    machine.write(`${home}/.bashrc`, `ls\n${badPath} &\n`)
    machine.write('/etc/cron.d/packaged', `1 2 3 4 5 root ${badPath}\n`)
    const autostart = { root: machine.root, homes: [home], reload: nowhere.reload }
    const packaged: Guard = {
      check: ({ path }) => Promise.resolve(path.includes('cron') ? 'package-file' : undefined),
    }
    const { object } = await lab.order(machine.real(badPath))
    const before = machine.all()
    const plan = await planActive({ mayEnd: () => true, guard: packaged, autostart }, object)
    expect(plan.autostart).toEqual([
      {
        kind: 'cron',
        file: { text: machine.real('/etc/cron.d/packaged') },
        entry: `1 2 3 4 5 root ${badPath}`,
        why: 'package-file',
      },
      { kind: 'shell', file: { text: machine.real(`${home}/.bashrc`) }, entry: `${badPath} &` },
    ])
    expect(machine.all()).toEqual(before)
  } finally {
    machine.remove()
  }
})

it('says nothing of the processes of another file that has its inode or its place by now', async () => {
  const file = script('evil.sh', 'while :; do sleep 61; done\n')
  const { object } = await lab.order(file)
  writeFileSync(file, 'while :; do sleep 62; done # another content\n')
  await run('/bin/sh', [file])
  const plan = await planActive({ mayEnd: () => true, guard, autostart: nowhere }, object)
  expect(plan.processes).toEqual([])
})
