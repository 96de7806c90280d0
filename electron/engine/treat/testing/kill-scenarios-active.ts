// More treatments that are killed at every change: with programs that run, with what waits for a restart, with lists of kernel
// modules, with an administrator, and the undo of one. Used by tests only.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { QuarantineId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import { inodeFlags } from '../../files/linux-calls.ts'
import { createQuarantine } from '../../quarantine/quarantine.ts'
import { createMachine } from '../obstacles/machine.ts'
import { startTimeOf } from '../processes.ts'
import { canFlag, setFlags, systemCalls } from './inode-flags.ts'
import type { KillScenario } from './kill-scenarios.ts'
import { infectedContent, type Lab, type LabOptions, marker } from './treatment-lab.ts'

const running = new Map<string, ChildProcess>()

/** A script that an interpreter runs. */
async function runScript(lab: Lab): Promise<string> {
  const file = lab.write('object', `# ${infectedContent(20).toString('hex')}\nwhile :; do sleep 61; done\n`)
  const child = spawn('/bin/sh', [file], { stdio: 'ignore', detached: true })
  running.set(lab.root, child)
  while (!commandLine(child.pid).includes(file)) await new Promise((resolve) => setTimeout(resolve, 2))
  return file
}

function commandLine(pid: number | undefined): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
}

/** Ends it with what it started; whether it still ran. */
function endScript(root: string): { readonly ran: boolean; readonly stopped: boolean } {
  const pid = running.get(root)?.pid ?? 0
  running.delete(root)
  const ran = startTimeOf(pid) !== undefined
  const stopped = ran && readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') T ')
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody is left of them.
  }
  return { ran, stopped }
}

/** The person's files are a machine of their own. */
function onOwnMachine(root: string, isRoot = true): LabOptions {
  const machine = join(root, 'files')
  const unloadModule = (): never => {
    throw Object.assign(new Error('in use'), { code: 'EWOULDBLOCK' })
  }
  return {
    ports: {
      autostart: { root: machine, homes: ['/home/u'], reload: () => Promise.resolve() },
      machine: createMachine({ root: machine, isRoot, calls: { ...systemCalls(), unloadModule, flags: () => 0 } }),
    },
  }
}

function put(lab: Lab, path: string, content: string): void {
  mkdirSync(join(lab.files, path, '..'), { recursive: true })
  writeFileSync(join(lab.files, path), content)
}

/** The parts of a kernel module that matter. */
function moduleFile(): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF', 'latin1')
  head[4] = 2
  head[5] = 1
  head.writeUInt16LE(1, 16)
  return Buffer.concat([head, Buffer.from('\0name=evil_mod\0vermagic=6.1\0'), marker])
}

async function restoreObject(lab: Lab, detectionId: string): Promise<string> {
  const { dataDir, vault, ports } = lab
  const { autostart } = ports
  const rescan = () => Promise.resolve(null)
  const quarantine = createQuarantine({ dataDir, vault, rescan, autostart, now: () => new Date() })
  try {
    await quarantine.recover()
    const copy = vault.list().find((one) => one.detectionId === detectionId && one.copyOf === undefined)
    const order = { target: null, makeFolder: false, evenIfDetected: true }
    await quarantine.restore({ id: QuarantineId.parse(copy?.id), ...order })
  } catch (error) {
    // It is back already.
    if (!(error instanceof ProductError) || error.code !== 'target-exists') throw error
  } finally {
    quarantine.close()
  }
  return 'restored'
}

const scenarios: readonly KillScenario[] = [
  {
    name: 'delete, with the program that runs it',
    status: 'deleted',
    options: () => ({ ports: { mayEnd: () => true } }),
    prepare: async (lab) => lab.order(await runScript(lab)),
    after: (root) => {
      if (endScript(root).ran) throw new Error('it still runs')
    },
  },
  {
    name: 'delete, held by a program',
    status: 'at-restart',
    prepare: async (lab) => lab.order(await runScript(lab)),
    after: (root) => {
      const { ran, stopped } = endScript(root)
      if (!ran || stopped) throw new Error('it does not go on')
    },
  },
  {
    name: 'delete a kernel module in use, with its line',
    status: 'at-restart',
    options: (root) => onOwnMachine(root),
    prepare: (lab) => {
      put(lab, 'proc/modules', 'evil_mod 16384 0 - Live 0x0\n')
      put(lab, 'etc/modules-load.d/evil.conf', 'a\nevil-mod\nb\n')
      return lab.order(lab.write('object', moduleFile()))
    },
  },
  {
    name: 'lose the right to be executed, and wait',
    status: 'at-restart',
    isPossible: canFlag,
    options: (root) => onOwnMachine(root, false),
    prepare: (lab) => {
      const file = lab.write('object', infectedContent())
      put(lab, 'proc/swaps', `Filename Type Size Used Priority\n${file} file 1000 100 -2\n`)
      put(lab, 'proc/meminfo', 'MemAvailable: 1000 kB\n')
      const made = lab.order(file)
      // The system refuses to move what is in it.
      setFlags(lab.files, inodeFlags.appendOnly)
      return made
    },
    after: (root) => {
      setFlags(join(root, 'files'), 0)
      if ((statSync(join(root, 'files/object')).mode & 0o111) !== 0) throw new Error('it can still be started')
    },
  },
  {
    name: 'undo, with the entries that started it',
    status: 'restored',
    mayCopyTwice: true,
    options: (root) => onOwnMachine(root),
    prepare: async (lab) => {
      put(lab, 'home/u/.bashrc', 'ls\n/object &\nls\n')
      put(lab, 'home/u/.config/autostart/x.desktop', '[Desktop Entry]\nExec=/object\n')
      const order = await lab.order(lab.write('object', infectedContent()))
      const treating = lab.again(onOwnMachine(lab.root))
      await treating.treater.treat(order)
      // Nobody but us changed one of them, somebody wrote into the other one.
      put(treating, 'home/u/.bashrc', 'ls\nls\nwritten later\n')
      treating.treater.close()
      treating.vault.close()
      return order
    },
    act: (lab, { detectionId }) => restoreObject(lab, detectionId),
  },
]

export const activeScenarios: readonly KillScenario[] = scenarios.map((scenario) => ({ ...scenario, halves: 3 }))
