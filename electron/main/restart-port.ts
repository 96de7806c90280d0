// Asks the system to restart the computer. Real only in a packaged app on Linux; everywhere else there is none, and the client
// says that it was not restarted. Never forces: programs that hold a restart back and other people's sessions are respected.
import { execFile } from 'node:child_process'
import { ProductError } from '#shared/errors.ts'
import type { RestartPort } from '../client/ports.ts'

export interface RestartPortOptions {
  readonly platform: NodeJS.Platform
  readonly isPackaged: boolean
  /** Replaced by tests. */
  readonly program?: string
}

const answersWithinMs = 30_000

/** Undefined: this app never restarts the computer. */
export function createRestartPort(options: RestartPortOptions): RestartPort | undefined {
  const { platform, isPackaged, program = 'systemctl' } = options
  if (!isPackaged || platform !== 'linux') return undefined
  return { restart: () => run(program) }
}

/** SECURITY: no shell, and only the system's own folders are looked in. */
function run(program: string): Promise<void> {
  const options = { timeout: answersWithinMs, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } }
  return new Promise((resolve, reject) => {
    execFile(program, ['--no-ask-password', 'reboot'], options, (error, _out, words) => {
      if (!error) return resolve()
      const detail = words.trim().split('\n')[0]?.slice(0, 200) || undefined
      reject(new ProductError('restart-refused', detail, { cause: error }))
    })
  })
}
