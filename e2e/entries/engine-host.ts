// The engine process for end-to-end tests: the product's host with two ports replaced, so that a test can "restart" the
// computer and name processes that may not be ended. Never packaged.
import { readFileSync } from 'node:fs'
import { startHost } from '../../electron/engine-host/host-main.ts'

/** Written by the test: `{ "bootToken": "...", "mayNotEnd": [pid, ...] }`. */
interface TestMachine {
  readonly bootToken: string
  readonly mayNotEnd: readonly number[]
}

function machine(): TestMachine {
  const file = process.env.E2E_MACHINE_FILE
  if (!file) throw new Error('E2E_MACHINE_FILE is not set')
  return JSON.parse(readFileSync(file, 'utf8')) as TestMachine
}

startHost({
  bootToken: () => machine().bootToken,
  mayEnd: (pid: number) => !machine().mayNotEnd.includes(pid),
})
