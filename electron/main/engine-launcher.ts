// Starts the engine process as an Electron utility process with a scrubbed environment, and tells a crash from an end that
// was asked for. Owns one process per launch; who restarts it is the client's business.
import { utilityProcess } from 'electron'
import type { EngineExit, EngineLauncher } from '#shared/engine-protocol/engine-launcher.ts'
import type { LogPort } from '../client/ports.ts'
import { engineEnvironment } from '../process/child-environment.ts'
import { utilityChannel } from './utility-channel.ts'

export interface EngineLauncherOptions {
  /** The engine host's bundled entry. */
  readonly file: string
  readonly log: LogPort
}

/** The launcher of the app. */
export function createEngineLauncher({ file, log }: EngineLauncherOptions): EngineLauncher {
  return {
    launch: () => {
      const child = utilityProcess.fork(file, [], {
        serviceName: 'scanner-engine',
        env: engineEnvironment(process.env),
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      let asked = false
      child.stderr?.on('data', (piece: Buffer) => log.warn('engine', { text: piece.toString('utf8').trim() }))
      const exited = new Promise<EngineExit>((resolve) => {
        child.once('exit', (code) => resolve(engineExit(code, asked)))
      })
      return {
        channel: utilityChannel(child),
        exited,
        kill: () => {
          asked = true
          child.kill()
        },
      }
    },
  }
}

/** Only an end that was asked for, or a clean one, is no crash. */
export function engineExit(code: number, asked: boolean): EngineExit {
  return { crashed: !asked && code !== 0, reason: asked ? 'killed' : `exit code ${code}` }
}
