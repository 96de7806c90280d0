// The app's main process for end-to-end tests: the product's own, with the test entry of the engine process in place of the
// product's, a machine that the test describes, and a recorder where the product restarts the computer. Never packaged.
import { appendFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { startApp } from '../../electron/main/app.ts'
import { ProductError } from '../../shared/errors.ts'
import { machineFileName, restartsFileName } from '../support/machine-file.ts'

interface TestMachine {
  readonly bootToken: string
  readonly refusesRestart: boolean
}

function machine(): TestMachine {
  return JSON.parse(readFileSync(machineFileName(), 'utf8')) as TestMachine
}

startApp({
  engineHostFile: path.join(import.meta.dirname, 'engine-host.js'),
  ports: {
    boot: { token: () => machine().bootToken },
    restart: {
      restart: async () => {
        appendFileSync(restartsFileName(), 'asked\n')
        if (machine().refusesRestart) throw new ProductError('restart-refused')
      },
    },
  },
})
