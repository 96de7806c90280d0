// One's own table of cron, which an ordinary user reads and writes through cron's program only. The administrator finds it among
// the files of cron.ts. Never decides what is changed.
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { userInfo } from 'node:os'

export interface CrontabPort {
  readonly user: string
  /** Undefined: there is none, or it cannot be read. */
  read(): Promise<Buffer | undefined>
  /** False when cron did not take it. */
  write(content: Buffer): Promise<boolean>
}

const within = { timeout: 5_000, maxBuffer: 256 * 1024 }

/** Undefined where this system has no such program, and for the administrator. `program`: tests give their own. */
export function ownCrontab(program = '/usr/bin/crontab', isRoot = process.geteuid?.() === 0): CrontabPort | undefined {
  if (isRoot || !existsSync(program)) return undefined
  return {
    user: userInfo().username,
    read: () =>
      new Promise((done) => {
        const options = { ...within, env: {}, encoding: 'buffer' as const }
        execFile(program, ['-l'], options, (error, out) => done(error === null ? out : undefined))
      }),
    write: (content) =>
      new Promise((done) => {
        const child = spawn(program, ['-'], { env: {}, timeout: within.timeout, stdio: ['pipe', 'ignore', 'ignore'] })
        child.once('error', () => done(false))
        child.once('close', (code) => done(code === 0))
        // It may have ended before it read everything: its exit code says so.
        child.stdin.once('error', () => undefined)
        child.stdin.end(content)
      }),
  }
}
