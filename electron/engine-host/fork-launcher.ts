// Starts the engine process from plain Node: the command line and tests. The app has its own launcher (electron/main).
// Owns one child per launch; who restarts it is the engine link's business.
import { type ChildProcess, fork } from 'node:child_process'
import type { EngineExit, EngineLauncher } from '#shared/engine-protocol/engine-launcher.ts'
import { engineEnvironment } from '../process/child-environment.ts'
import { forkedChannel } from '../process/forked-channel.ts'

export interface ForkLauncherOptions {
  /** The built entry of the engine process (`out/main/engine-host.js`). */
  readonly hostFile: string
  /** Added to the scrubbed environment. */
  readonly env?: Readonly<Record<string, string>>
  /** Told of every line the engine logs; without it they are dropped. */
  readonly onLog?: (line: string) => void
}

export interface ForkLauncher extends EngineLauncher {
  /** Process id of the engine started last. */
  pid(): number | undefined
}

export function forkLauncher({ hostFile, env = {}, onLog }: ForkLauncherOptions): ForkLauncher {
  let latest: ChildProcess | undefined
  return {
    pid: () => latest?.pid,
    launch: () => {
      const child = fork(hostFile, [], {
        serialization: 'advanced',
        execArgv: [],
        env: { ...engineEnvironment(process.env), ...env },
        stdio: ['ignore', 'ignore', onLog ? 'pipe' : 'ignore', 'ipc'],
      })
      latest = child
      child.stderr?.on('data', (piece: Buffer) => onLog?.(piece.toString('utf8').trimEnd()))
      const asked = { end: false }
      return {
        channel: forkedChannel(child, () => {
          asked.end = true
        }),
        exited: exitOf(child, asked),
        kill: () => {
          asked.end = true
          child.kill('SIGKILL')
        },
      }
    },
  }
}

function exitOf(child: ChildProcess, asked: { end: boolean }): Promise<EngineExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ crashed: true, reason: error.message }))
    child.once('exit', (code, signal) => {
      resolve({ crashed: !asked.end, reason: signal ?? `exit code ${code}` })
    })
  })
}
