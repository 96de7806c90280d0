// Starts the built portal as a real process on a free loopback port with a data folder of its own, and stops or kills it.
// Never touches a portal that it did not start.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export interface PortalProcess {
  readonly url: string
  readonly dataDir: string
  readonly child: ChildProcess
  /** Everything it printed so far. */
  output(): string
  stop(): Promise<void>
  /** As a power cut would: no clean-up. */
  kill(): Promise<void>
}

export interface PortalOptions {
  readonly dataDir: string
  /** 0 = a free one. Give the earlier port to restart "the same" portal. */
  readonly port?: number
  readonly smtpUrl?: string
}

const root = join(import.meta.dirname, '..', '..')

export async function startPortal(options: PortalOptions): Promise<PortalProcess> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PORTAL_PORT: String(options.port ?? 0),
    PORTAL_DATA_DIR: options.dataDir,
  }
  delete env.SMTP_URL
  delete env.DATABASE_URL
  if (options.smtpUrl) env.SMTP_URL = options.smtpUrl
  const child = spawn(process.execPath, [join(root, 'out/portal/server/main.js')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the portal did not become ready:\n${text}`)), 60_000)
    const read = (chunk: Buffer) => {
      text += chunk.toString()
      const ready = /Portal ready on (http:\/\/\S+)/.exec(text)
      if (!ready?.[1]) return
      clearTimeout(timer)
      resolve(ready[1])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`the portal ended with ${code}:\n${text}`))
    })
  })
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  return {
    url,
    dataDir: options.dataDir,
    child,
    output: () => text,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  }
}
