// A real PostgreSQL for a test: own temporary cluster, own free port, as an unprivileged user. Never the system's cluster.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import pg from 'pg'

export interface Postgres {
  readonly url: string
  stop(): Promise<void>
}

const root = '/usr/lib/postgresql'
/** `nobody` on Debian. */
const user = 65_534

export async function startPostgres(): Promise<Postgres> {
  const bin = findBinaries()
  const folder = mkdtempSync('/tmp/portal-postgres-')
  chmodSync(folder, 0o700)
  const asRoot = process.getuid?.() === 0
  if (asRoot) chownSync(folder, user, user)
  const prefix = asRoot ? ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'] : []
  const command = (name: string, args: string[]): [string, string[]] => {
    const [program = '', ...rest] = [...prefix, path.join(bin, name), ...args]
    return [program, rest]
  }
  const data = path.join(folder, 'data')
  execFileSync(...command('initdb', ['-D', data, '-U', 'portal', '--auth=trust', '--no-sync', '-E', 'UTF8']), {
    stdio: 'pipe',
    cwd: '/',
  })
  const port = await freePort()
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder, '-c', 'fsync=off']
  const server = spawn(...command('postgres', args), { stdio: 'ignore', cwd: '/' })
  const url = `postgres://portal@127.0.0.1:${port}/postgres`
  await waitUntilReady(url, server)
  return {
    url,
    stop: async () => {
      const gone = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGINT')
      await gone
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function findBinaries(): string {
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  const found = versions
    .map((version) => path.join(root, version, 'bin'))
    .find((bin) => existsSync(path.join(bin, 'initdb')))
  if (!found) throw new Error('PostgreSQL is not installed. Run: apt-get install -y postgresql')
  return found
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const bound = probe.address()
      probe.close(() => resolve(bound !== null && typeof bound === 'object' ? bound.port : 0))
    })
  })
}

async function waitUntilReady(url: string, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (server.exitCode !== null) throw new Error(`PostgreSQL stopped with code ${server.exitCode}`)
    const client = new pg.Client({ connectionString: url })
    const ready = await client.connect().then(
      () => true,
      () => false,
    )
    await client.end().catch(() => undefined)
    if (ready) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('PostgreSQL did not start')
}
