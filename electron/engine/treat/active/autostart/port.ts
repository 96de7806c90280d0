// The machine whose autostart entries are looked for: below which root, in whose homes, and how its managers are told of a change.
// Tests put a folder of their own in its place. Never finds or changes an entry.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { type CrontabPort, ownCrontab } from './own-crontab.ts'

export interface AutostartPort {
  /** Folder below which /etc, /var and the homes lie: an absolute path without links. */
  readonly root: string
  /** People whose entries count, by home; `all`: everybody on the machine. */
  readonly homes: 'all' | readonly string[]
  /** One's own table of cron; undefined where it is a file that we may read, or there is no such program. */
  readonly crontab?: CrontabPort | undefined
  /** Units of systemd changed: its managers forget what is gone. Never fails, never required. */
  reload(): Promise<void>
}

const programs = ['/usr/bin/systemctl', '/bin/systemctl']
const reloadWithinMs = 5_000

/** The real machine: as administrator everybody's entries, else only one's own. */
export function machineAutostart(): AutostartPort {
  const uid = process.geteuid?.()
  return {
    root: '/',
    homes: uid === 0 ? 'all' : [homedir()],
    crontab: ownCrontab(),
    reload: async () => {
      const program = programs.find((path) => existsSync(path))
      const folder = `/run/user/${uid}`
      if (program === undefined) return
      if (uid === 0) await call(program, ['daemon-reload'], {})
      if (existsSync(folder)) await call(program, ['--user', 'daemon-reload'], { XDG_RUNTIME_DIR: folder })
    },
  }
}

function call(program: string, args: readonly string[], env: Record<string, string>): Promise<void> {
  return new Promise((done) => {
    // Where no such manager runs it answers with an error: nothing has to be told then.
    execFile(program, args, { env, timeout: reloadWithinMs }, () => done())
  })
}
