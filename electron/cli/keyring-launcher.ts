// Starts the keyring process as a forked Node child. Owns nothing else.
import { fork } from 'node:child_process'
import path from 'node:path'
import { sessionEnvironment } from '../process/child-environment.ts'
import { forkedChannel } from '../process/forked-channel.ts'
import type { KeyringLauncher } from '../secrets/keyring.ts'

export interface KeyringLauncherOptions {
  /** Folder of the built entries. */
  readonly programDir: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/** The launcher of the command line. */
export function keyringLauncher({ programDir, env }: KeyringLauncherOptions): KeyringLauncher {
  return {
    launch: () => {
      const child = fork(path.join(programDir, 'keyring-process.js'), [], {
        serialization: 'advanced',
        execArgv: [],
        env: sessionEnvironment(env),
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      })
      return { channel: forkedChannel(child), kill: () => child.kill('SIGKILL') }
    },
  }
}
