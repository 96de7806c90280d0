// The engine process for end-to-end tests: the product's host with two ports replaced, so that a test can "restart" the
// computer and name processes that may not be ended. Never packaged.
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

startHost({
  workerFile: path.resolve(import.meta.dirname, '../main/engine-worker.js'),
  ports: {
    bootToken: () => machine().bootToken,
    mayEnd: (pid: number) => !machine().mayNotEnd.includes(pid),
  },
})
