// Starts the keyring process as an Electron utility process. Owns nothing else.
import path from 'node:path'
import { utilityProcess } from 'electron'
import { sessionEnvironment } from '../process/child-environment.ts'
import type { KeyringLauncher } from '../secrets/keyring.ts'
import { utilityChannel } from './utility-channel.ts'

/** The launcher of the app. */
export const keyringLauncher: KeyringLauncher = {
  launch: () => {
    const child = utilityProcess.fork(path.join(import.meta.dirname, '..', 'main', 'keyring-process.js'), [], {
      serviceName: 'keyring',
      stdio: 'ignore',
      env: sessionEnvironment(process.env),
    })
    return { channel: utilityChannel(child), kill: () => child.kill() }
  },
}
