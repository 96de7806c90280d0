// A clamd of the system, started for a test with settings and signatures of its own. Used by tests only.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export interface RealClamd {
  readonly socketPath: string
  readonly settingsFile: string
  stop(): Promise<void>
}

const program = '/usr/sbin/clamd'

/** `signatures`: files of its database folder by name. Throws when it is not installed or does not start. */
export async function startRealClamd(signatures: Readonly<Record<string, string>>): Promise<RealClamd> {
  const folder = mkdtempSync(join(tmpdir(), 'real-clamd-'))
  const databases = join(folder, 'databases')
  mkdirSync(databases)
  for (const [name, text] of Object.entries(signatures)) writeFileSync(join(databases, name), text)
  const socketPath = join(folder, 'clamd.ctl')
  const settingsFile = join(folder, 'clamd.conf')
  writeFileSync(
    settingsFile,
    [
      `LocalSocket ${socketPath}`,
      `DatabaseDirectory ${databases}`,
      `LogFile ${join(folder, 'clamd.log')}`,
      `TemporaryDirectory ${folder}`,
      'Foreground yes',
      'StreamMaxLength 2M',
      'MaxFileSize 1M',
      'MaxScanSize 1M',
    ].join('\n'),
  )
  const child = spawn(program, ['--config-file', settingsFile], { stdio: 'ignore', cwd: folder })
  const stop = async (): Promise<void> => {
    await end(child)
    rmSync(folder, { recursive: true, force: true })
  }
  for (let tries = 0; tries < 200 && child.exitCode === null; tries += 1) {
    if (existsSync(socketPath) && answers(settingsFile)) return { socketPath, settingsFile, stop }
    await wait(50)
  }
  await stop()
  throw new Error('clamd did not start: is clamav-daemon installed?')
}

function answers(settingsFile: string): boolean {
  try {
    execFileSync('/usr/bin/clamdscan', ['--config-file', settingsFile, '--ping', '1'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 3000)
  await gone
  clearTimeout(late)
}
