// The engine process for end-to-end tests: the product's host with some ports replaced, so that a test can "restart" the
// computer, name processes that may not be ended, be an ordinary user, and has a home of its own for autostart entries. Never packaged.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { answerHelperRequest } from '../../electron/engine/treat/elevation/helper.ts'
import type { Elevation } from '../../electron/engine/treat/elevation/pkexec.ts'
import { onlyAnswer } from '../../electron/engine/treat/elevation/request.ts'
import { createMachine, type Machine } from '../../electron/engine/treat/obstacles/machine.ts'
import { startHost } from '../../electron/engine-host/host-main.ts'
import { machineFileName } from '../support/machine-file.ts'

/** Written by the test: `{ "bootToken": "...", "mayNotEnd": [pid, ...], "administrator": "yes" }`. */
interface TestMachine {
  readonly bootToken: string
  readonly mayNotEnd: readonly number[]
  readonly administrator?: 'yes' | 'no'
}

function machine(): TestMachine {
  return JSON.parse(readFileSync(machineFileName(), 'utf8')) as TestMachine
}

/** What the person answers who is asked for an administrator; undefined: nobody is asked, and we are who we are. */
const administrator = () => machine().administrator

/** The home whose autostart entries count, beside the file of the machine. */
const home = path.join(path.dirname(machineFileName()), 'home')

startHost({
  workerFile: path.resolve(import.meta.dirname, '../main/engine-worker.js'),
  ports: {
    bootToken: () => machine().bootToken,
    mayEnd: (pid: number) => !machine().mayNotEnd.includes(pid),
    machine: ordinaryMachine(),
    elevation: elevation(path.dirname(machineFileName())),
    autostart: { root: '/', homes: [home], reload: async () => {} },
  },
})

/** The engine runs as root in these tests: what only root may do to a file's flags is refused to it. */
function ordinaryMachine(): Machine {
  const real = createMachine()
  const setFlags = (): never => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' })
  }
  return {
    ...real,
    get isRoot() {
      return real.isRoot && administrator() === undefined
    },
    get calls() {
      return real.calls === null || administrator() === undefined ? real.calls : { ...real.calls, setFlags }
    },
  }
}

/** The real helper without polkit's question. `folder`: for its journals. */
function elevation(folder: string): Elevation {
  return {
    isOffered: () => administrator() !== undefined,
    run: async (request) => {
      if (administrator() !== 'yes') return onlyAnswer({ kind: 'refused', code: 'needs-administrator' })
      return answerHelperRequest(JSON.stringify(request), {
        base: path.join(folder, 'helper'),
        shownPath: Buffer.from(request.path, 'base64').toString(),
        ports: {
          bootToken: () => 'e2e',
          mayEnd: () => true,
          now: () => new Date(),
          machine: createMachine(),
          guard: { check: async () => undefined },
          autostart: { root: folder, homes: [], reload: async () => {} },
        },
      })
    },
  }
}
