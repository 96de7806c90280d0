// The engine process for end-to-end tests: the product's host with three ports replaced, so that a test can "restart" the
// computer, name processes that may not be ended, and has a home of its own for autostart entries. Never packaged.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { startHost } from '../../electron/engine-host/host-main.ts'
import { machineFileName } from '../support/machine-file.ts'

/** Written by the test: `{ "bootToken": "...", "mayNotEnd": [pid, ...] }`. */
interface TestMachine {
  readonly bootToken: string
  readonly mayNotEnd: readonly number[]
}

function machine(): TestMachine {
  return JSON.parse(readFileSync(machineFileName(), 'utf8')) as TestMachine
}

/** The home whose autostart entries count, beside the file of the machine. */
const home = path.join(path.dirname(machineFileName()), 'home')

startHost({
  workerFile: path.resolve(import.meta.dirname, '../main/engine-worker.js'),
  ports: {
    bootToken: () => machine().bootToken,
    mayEnd: (pid: number) => !machine().mayNotEnd.includes(pid),
    autostart: { root: '/', homes: [home], reload: async () => {} },
  },
})
