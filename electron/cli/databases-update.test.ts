// The built command line with a feed of its own: publishing, updating, going back, and what is refused.
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { buildProduct, builtDir } from '../engine-host/testing/built.ts'
import { takeAppLock } from '../process/app-lock.ts'

let root: string
let dataDir: string
let folder: string
let feed: string
let key: string

// Every test starts several processes.
vi.setConfig({ testTimeout: 90_000 })

beforeAll(buildProduct)
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'cli-feed-'))
  ;[dataDir, folder, feed, key] = ['data', 'published', 'feed', 'private.pem'].map((name) => path.join(root, name)) as [
    string,
    string,
    string,
    string,
  ]
  mkdirSync(folder)
  mkdirSync(path.join(dataDir, 'feed-keys'), { recursive: true })
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  writeFileSync(path.join(dataDir, 'feed-keys', 'own.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function cli(...args: readonly string[]) {
  const env = { ...process.env, PROTECTION_DATA_DIR: dataDir }
  const file = path.join(builtDir, 'cli.js')
  const ran = spawnSync(process.execPath, [file, ...args], { cwd: root, env, encoding: 'utf8' })
  return { code: ran.status, out: ran.stdout, err: ran.stderr }
}

/** A version whose rules find the words `word1` to `wordN`. */
function publish(version: number): void {
  const rules = Array.from(
    { length: version },
    (_, at) => `rule Word${at + 1} { strings: $a = "word${at + 1};" condition: $a }\n`,
  )
  writeFileSync(path.join(folder, 'words.yar'), rules.join(''))
  expect(cli('databases', 'publish', folder, '--to', feed, '--key', key)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`Published version ${version}: 1 files`),
  })
}

const update = (...more: string[]) => cli('databases', 'update', '--from', feed, ...more)
const listed = () => JSON.parse(cli('databases', 'list', '--json').out)

describe('databases of a feed', () => {
  it('are updated step by step; a scan finds what only the new version knows; and one can go back (45)', () => {
    writeFileSync(path.join(root, 'sample'), 'word6;')
    expect(listed()).toMatchObject({ source: 'seed', feed: null })
    publish(1)
    expect(update()).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^Updated to version 1, built today, from .*feed\n/),
    })
    expect(cli('scan', 'sample').code).toBe(0)
    for (const version of [2, 3, 4, 5, 6]) publish(version)
    expect(update()).toMatchObject({ code: 0, out: expect.stringContaining('Kept: version 1') })
    expect(update()).toMatchObject({ code: 0, out: expect.stringMatching(/^Nothing newer: version 6/) })
    expect(cli('scan', 'sample')).toMatchObject({ code: 1, out: expect.stringContaining('Word6') })
    const now = listed()
    expect(now).toMatchObject({
      source: 'update',
      rules: 6,
      rejected: [],
      feed: { current: { version: 6, from: feed }, previous: { version: 1 } },
    })
    expect(now.releasedAt).toBe(now.feed.current.builtAt)
    expect(cli('databases', 'list').out).toMatch(/\nSELECTED {5}version 6, built today, from .*\nPREVIOUS {5}version 1/)
    expect(cli('databases', 'roll-back')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^In use now: version 1/),
    })
    expect(cli('scan', 'sample').code).toBe(0)
    expect(JSON.parse(update('--json').out)).toMatchObject({
      type: 'update',
      outcome: 'switched',
      current: { version: 6 },
    })
    expect(cli('scan', 'sample').code).toBe(1)
  })

  it('downgrade, another key, truncated download -> old generation stays, problem shown (45)', () => {
    publish(1)
    const old = path.join(root, 'old')
    cpSync(feed, old, { recursive: true })
    publish(2)
    expect(update().code).toBe(0)
    const before = listed()
    expect(cli('databases', 'update', '--from', old)).toMatchObject({
      code: 2,
      out: '',
      err: expect.stringMatching(/NOT USED .*\nerror: update-downgrade: version 1 after 2\n$/),
    })
    publish(3)
    const [packed = ''] = readdirSync(feed).filter(
      (name) => readFileSync(path.join(feed, 'feed'), 'utf8').includes(`"${name}"`) && name.startsWith('words'),
    )
    truncateSync(path.join(feed, packed), 20)
    for (const name of readdirSync(feed).filter((each) => each.startsWith('diff-'))) rmSync(path.join(feed, name))
    expect(update()).toMatchObject({ code: 2, err: expect.stringContaining(`error: update-damaged: ${packed}`) })
    rmSync(path.join(dataDir, 'feed-keys'), { recursive: true })
    expect(update()).toMatchObject({
      code: 2,
      err: expect.stringMatching(/error: update-signature: the key \w{16} is not/),
    })
    expect(cli('databases', 'update', '--from', 'missing').err).toContain('error: update-source-unreachable')
    expect(listed()).toEqual(before)
  })

  it('falls back on the version before when the newest is damaged, and says so', () => {
    for (const version of [1, 2]) {
      publish(version)
      update()
    }
    writeFileSync(path.join(dataDir, 'databases', 'generation-2', 'words.yar'), '')
    expect(listed()).toMatchObject({
      source: 'update',
      rules: 1,
      rejected: [{ file: 'generation-2', problem: 'version 2 is not used: words.yar is damaged' }],
    })
  })

  it('are not changed while the app runs', async () => {
    publish(1)
    const lock = await takeAppLock(dataDir, 'app')
    expect(update()).toMatchObject({ code: 2, err: 'error: app-running\n' })
    expect(cli('databases', 'roll-back')).toMatchObject({ code: 2, err: 'error: app-running\n' })
    await lock.release()
    expect(cli('databases', 'roll-back')).toMatchObject({ code: 2, err: 'error: no-previous-databases\n' })
    expect(update().code).toBe(0)
    expect(readdirSync(dataDir)).not.toContain('app.lock')
  })

  it('need to be told where a feed is, and with which key one is made', () => {
    expect(cli('databases', 'update').err).toContain('databases update needs --from FEED')
    expect(cli('databases', 'publish', folder, '--to', feed).err).toContain('databases publish needs --key FILE')
    writeFileSync(path.join(folder, 'words.yar'), 'rule Broken {')
    expect(cli('databases', 'publish', folder, '--to', feed, '--key', key)).toMatchObject({
      code: 2,
      err: expect.stringContaining('databases-unusable'),
    })
    expect(cli('--help').out).toContain('databases update --from FEED [--json]')
  })
})
