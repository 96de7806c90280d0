// ClamAV's scanner service as a peer: one of our own, on a socket in a folder of ours, ended with the measurement.
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pause } from './wait.ts'

const startMs = 120_000

export interface ClamdSetup {
  readonly folder: string
  readonly databases: string
  readonly threads: number
}

/** `use` gets the path of the configuration, for clamdscan. Throws when the service is not installed. */
export async function withClamd<T>(setup: ClamdSetup, use: (config: string) => Promise<T>): Promise<T> {
  const program = ['/usr/sbin/clamd', '/usr/bin/clamd'].find(existsSync)
  if (program === undefined) throw new Error('clamd is not installed: apt-get install clamav-daemon clamdscan')
  const socket = join(setup.folder, 'clamd.socket')
  const config = join(setup.folder, 'clamd.conf')
  writeFileSync(config, configuration(setup, socket))
  // The service reads files through descriptors that its client passes.
  chmodSync(setup.folder, 0o755)
  const service = spawn(program, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  service.stderr.on('data', (piece: Buffer) => {
    said += piece.toString()
  })
  const ended = new Promise<void>((resolve) => service.once('exit', () => resolve()))
  try {
    const until = Date.now() + startMs
    while (!existsSync(socket)) {
      if (service.exitCode !== null || Date.now() > until) throw new Error(`clamd did not start: ${said.slice(0, 500)}`)
      await pause(100)
    }
    return await use(config)
  } finally {
    service.kill('SIGTERM')
    await ended
  }
}

/** No detection of its own besides the signatures, no smaller limits than ours. */
function configuration({ databases, threads }: ClamdSetup, socket: string): string {
  return `Foreground yes
LocalSocket ${socket}
DatabaseDirectory ${databases}
User root
MaxThreads ${threads}
MaxFileSize 1024M
MaxScanSize 1024M
StreamMaxLength 1024M
Bytecode no
`
}
