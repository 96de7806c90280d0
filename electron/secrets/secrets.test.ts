import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProductError } from '#shared/errors.ts'
import { nodeDisk } from '../client/storage/disk.ts'
import { createSecrets, type Keyring } from './secrets.ts'

type Mood = 'works' | 'unavailable' | 'stuck' | 'locked'

/** A keyring in a mood. `locked` answers reads with nothing, as a real one does. */
function fakeKeyring() {
  const state = { mood: 'works' as Mood, held: new Map<string, string>(), acts: 0 }
  const refuse = () => {
    state.acts += 1
    if (state.mood === 'unavailable') throw new ProductError('secrets-unavailable')
    if (state.mood === 'stuck' || state.mood === 'locked') throw new ProductError('secrets-unavailable', 'stuck')
  }
  const keyring: Keyring = {
    get: async (name) => {
      if (state.mood === 'locked') return null
      refuse()
      return state.held.get(name) ?? null
    },
    set: async (name, value) => {
      refuse()
      state.held.set(name, value)
    },
    delete: async (name) => {
      refuse()
      state.held.delete(name)
    },
  }
  return { state, keyring }
}

let folder = ''
let now = new Date('2026-11-22T10:00:00Z')
let told: string[] = []
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'secrets-'))
  now = new Date('2026-11-22T10:00:00Z')
  told = []
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const file = () => path.join(folder, 'secrets.json')
const open = (keyring: Keyring) =>
  createSecrets({
    keyring,
    dataDir: folder,
    replaceFile: nodeDisk.replace,
    now: () => now,
    onStorage: (storage) => told.push(storage),
    onDamaged: (setAside) => told.push(`damaged ${path.basename(setAside)}`),
  })

describe('with a keyring that works', () => {
  it('keeps secrets there and none in the file', async () => {
    const { keyring, state } = fakeKeyring()
    const secrets = open(keyring)
    expect(await secrets.get('device-key')).toBeNull()
    await secrets.set('device-key', 'hunter2')
    expect(await secrets.get('device-key')).toBe('hunter2')
    expect(state.held).toEqual(new Map([['device-key', 'hunter2']]))
    expect(readFileSync(file(), 'utf8')).not.toContain('hunter2')
    await secrets.delete('device-key')
    expect(await secrets.get('device-key')).toBeNull()
    expect(told).toEqual(['keyring'])
  })

  it('says unreachable, not unknown, when it is locked after a restart', async () => {
    const { keyring, state } = fakeKeyring()
    await open(keyring).set('device-key', 'hunter2')
    state.mood = 'locked'
    await expect(open(keyring).get('device-key')).rejects.toMatchObject({ code: 'secrets-unavailable' })
  })

  it('saves a new secret in the file when it is locked meanwhile, and says so', async () => {
    const { keyring, state } = fakeKeyring()
    const secrets = open(keyring)
    await secrets.get('device-key')
    state.mood = 'stuck'
    await secrets.set('device-key', 'hunter2')
    expect(await secrets.get('device-key')).toBe('hunter2')
    expect(told).toEqual(['keyring', 'file'])
  })
})

describe.each(['unavailable', 'stuck', 'locked'] as const)('with a keyring that is %s', (mood) => {
  it('falls back to a file that only its owner can read, and says so', async () => {
    const { keyring, state } = fakeKeyring()
    state.mood = mood
    const secrets = open(keyring)
    await secrets.set('device-key', 'hunter2')
    expect(await secrets.get('device-key')).toBe('hunter2')
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(told).toEqual(['file'])
    expect(await open(keyring).get('device-key')).toBe('hunter2')
    expect(readdirSync(folder)).toEqual(['secrets.json'])
  })

  it('moves everything into the keyring once it works again', async () => {
    const { keyring, state } = fakeKeyring()
    state.mood = mood
    await open(keyring).set('device-key', 'hunter2')
    state.mood = 'works'
    now = new Date(now.getTime() + 8 * 24 * 3_600_000)
    told = []
    expect(await open(keyring).get('device-key')).toBe('hunter2')
    expect(told).toEqual(['keyring'])
    expect(state.held.get('device-key')).toBe('hunter2')
    expect(readFileSync(file(), 'utf8')).not.toContain('hunter2')
  })
})

it('does not ask a keyring that hung again and again, because each time a prompt opens', async () => {
  const { keyring, state } = fakeKeyring()
  state.mood = 'stuck'
  await open(keyring).set('device-key', 'hunter2')
  const asked = state.acts
  await open(keyring).get('device-key')
  await open(keyring).set('other', 'x')
  expect(state.acts).toBe(asked)
})

it('always asks a keyring that holds something, also after it hung', async () => {
  const { keyring, state } = fakeKeyring()
  await open(keyring).set('device-key', 'hunter2')
  state.mood = 'stuck'
  await expect(open(keyring).get('device-key')).rejects.toMatchObject({ code: 'secrets-unavailable' })
  state.mood = 'works'
  expect(await open(keyring).get('device-key')).toBe('hunter2')
})

it('sets a damaged file aside', async () => {
  writeFileSync(file(), '{"version":1,')
  const { keyring } = fakeKeyring()
  expect(await open(keyring).get('device-key')).toBeNull()
  expect(told[0]).toMatch(/^damaged secrets\.json\.damaged-\d+$/)
  expect(readdirSync(folder).some((name) => name.includes('damaged'))).toBe(true)
})

it('runs acts one after another', async () => {
  const { keyring, state } = fakeKeyring()
  state.mood = 'unavailable'
  const secrets = open(keyring)
  await Promise.all(Array.from({ length: 20 }, (_value, index) => secrets.set(`name-${index}`, `${index}`)))
  expect(Object.keys((JSON.parse(readFileSync(file(), 'utf8')) as { values: object }).values)).toHaveLength(20)
})
