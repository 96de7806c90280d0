// One Quarantine for the app and the command line: what one of them sealed the other one opens, wherever the key lies.
// The app's side is its secret store and the engine; in a session with a keyring the key is there, else in the file.
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { DetectionId } from '#shared/domain/ids.ts'
import { secretNames } from '#shared/files/secret-names.ts'
import { eicarBytes } from '#shared/testing/samples.ts'
import { nodeDisk } from '../client/storage/disk.ts'
import { toFilePath } from '../engine/files/path-text.ts'
import { buildProduct, builtDir } from '../engine-host/testing/built.ts'
import { type EngineRig, startRig } from '../engine-host/testing/engine-rig.ts'
import { createProcessKeyring } from '../secrets/keyring.ts'
import { createSecrets, type Secrets } from '../secrets/secrets.ts'
import { keyringLauncher } from './keyring-launcher.ts'

// Every test starts several processes.
vi.setConfig({ testTimeout: 90_000 })

const noSession = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', XDG_RUNTIME_DIR: undefined, DISPLAY: undefined }

let root: string
let tree: string
let dataDir: string

beforeAll(buildProduct)
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'vault-key-'))
  tree = path.join(root, 'tree')
  dataDir = path.join(root, 'data')
  mkdirSync(tree)
  mkdirSync(dataDir)
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const secretFile = () => path.join(dataDir, 'secrets.json')
const infected = () => {
  const file = path.join(tree, 'e')
  writeFileSync(file, eicarBytes())
  return file
}

function cli(env: NodeJS.ProcessEnv, ...args: readonly string[]) {
  const given = { ...process.env, ...env, PROTECTION_DATA_DIR: dataDir }
  const file = path.join(builtDir, 'cli.js')
  const ran = spawnSync(process.execPath, [file, ...args], { cwd: tree, env: given, encoding: 'utf8' })
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

/** The secret store as the app opens it. */
async function withSecrets<T>(env: NodeJS.ProcessEnv, use: (secrets: Secrets) => Promise<T>): Promise<T> {
  const launcher = keyringLauncher({ programDir: builtDir, env: { ...process.env, ...env } })
  const keyring = createProcessKeyring(launcher, dataDir)
  try {
    return await use(
      createSecrets({
        keyring,
        dataDir,
        replaceFile: nodeDisk.replace,
        now: () => new Date(),
        onStorage: () => undefined,
        onDamaged: (setAside) => expect.unreachable(setAside),
      }),
    )
  } finally {
    keyring.dispose()
  }
}

/** An engine of the app over the data folder. */
async function withApp<T>(vaultKey: string, use: (link: EngineRig['link']) => Promise<T>): Promise<T> {
  const rig = startRig(path.join(builtDir, 'engine-host.js'), { dataDir, vaultKey, workers: 1 })
  try {
    return await use(rig.link)
  } finally {
    await rig.dispose()
  }
}

/** Where the key lies, out of the file alone; each place keeps its own promise. */
function placeOfKey(key: string): 'keyring' | 'file' {
  const { inKeyring, values } = JSON.parse(readFileSync(secretFile(), 'utf8'))
  expect(statSync(secretFile()).mode & 0o777).toBe(0o600)
  if (inKeyring.includes(secretNames.vaultKey)) {
    expect(readFileSync(secretFile(), 'utf8')).not.toContain(key)
    return 'keyring'
  }
  expect(values[secretNames.vaultKey]).toBe(key)
  return 'file'
}

describe.each([
  ['the session as it is', {}],
  ['no session', noSession],
])('with %s', (name, env: NodeJS.ProcessEnv) => {
  it('the app lists and restores what the command line treated', async () => {
    const file = infected()
    const ran = cli(env, 'scan', '--treat', tree)
    expect(ran.code).toBe(1)
    expect(existsSync(file)).toBe(false)

    const { key, kind } = await withSecrets(env, async (secrets) => ({
      key: await secrets.get(secretNames.vaultKey),
      kind: secrets.kind(),
    }))
    if (key === null) return expect.unreachable('the command line left no key')
    expect(placeOfKey(key)).toBe(kind)
    if (name === 'no session') expect(kind).toBe('file')
    expect(ran.err).toContain(kind === 'keyring' ? 'kept in the keyring' : 'kept in a file that only you can read')
    expect(ran.out + ran.err).not.toContain(key)

    await withApp(key, async ({ client }) => {
      const { items } = await client.call('quarantine.list', { offset: 0, limit: 10 })
      expect(items.map(({ originalPath }) => originalPath.text)).toEqual([file])
      for (const { id } of items) await client.call('quarantine.restore', { id, target: null, evenIfDetected: true })
    })
    expect(readFileSync(file)).toEqual(Buffer.from(eicarBytes()))
  })

  it('the command line lists and restores what the app treated, and makes no key of its own', async () => {
    const file = infected()
    const key = Buffer.alloc(32, 7).toString('base64')
    const kind = await withSecrets(env, async (secrets) => {
      await secrets.set(secretNames.vaultKey, key)
      return secrets.kind()
    })
    expect(placeOfKey(key)).toBe(kind)
    await withApp(key, async ({ client }) => {
      const seen = await client.call('object.scan', { path: toFilePath(Buffer.from(file)) })
      if (seen.kind !== 'detected') return expect.unreachable(seen.kind)
      await client.call('treat.object', {
        detectionId: DetectionId.parse(randomUUID()),
        object: seen.object,
        verb: 'delete',
        origin: { kind: 'local' },
        databaseVersion: 'test',
      })
    })
    expect(existsSync(file)).toBe(false)

    const listed = cli(env, 'quarantine', 'list', '--json')
    expect(listed).toMatchObject({ code: 0, err: '' })
    const copy = JSON.parse(listed.out)
    expect(cli(env, 'quarantine', 'restore', copy.id, '--even-if-detected')).toMatchObject({ code: 0, err: '' })
    expect(readFileSync(file)).toEqual(Buffer.from(eicarBytes()))
    expect(placeOfKey(key)).toBe(kind)
  })
})

it('makes no second key while the keyring that holds the first one cannot be reached', () => {
  const content = { version: 1, inKeyring: [secretNames.vaultKey], values: {}, stuckAt: null }
  writeFileSync(secretFile(), JSON.stringify(content), { mode: 0o600 })
  const file = infected()
  expect(cli(noSession, 'scan', '--treat', tree)).toMatchObject({ code: 2, err: 'error: secrets-unavailable\n' })
  expect(existsSync(file)).toBe(true)
  expect(JSON.parse(readFileSync(secretFile(), 'utf8'))).toEqual(content)
})
