// Starts the built portal as a real process on a free loopback port with a data folder of its own, and stops or kills it.
// Never touches a portal that it did not start.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { endedWithWorker } from './teardown.ts'

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
  /** Default: a free one. Give the earlier port to restart "the same" portal. */
  readonly port?: number
  readonly smtpUrl?: string
}

const root = join(import.meta.dirname, '..', '..')

const readyWithinMs = 150_000

/**
 * Not one of those that the system gives away by itself: while this portal is down, neither a server nor a connection of
 * anybody else may get its port.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, () => probe.close(() => resolve(true)))
  })
}

export async function startPortal(options: PortalOptions): Promise<PortalProcess> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    PORTAL_PORT: String(options.port ?? (await freePort())),
    PORTAL_DATA_DIR: options.dataDir,
  }
  delete env.SMTP_URL
  delete env.DATABASE_URL
  if (options.smtpUrl) env.SMTP_URL = options.smtpUrl
  const program = join(root, 'out/portal/server/main.js')
  const child = endedWithWorker(spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] }))
  let text = ''
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`the portal did not become ready:\n${text}`))
    }, readyWithinMs)
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
