// The keyring over its process: names, time limit, a stuck process.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createPeer } from '#shared/rpc/peer.ts'
import { type PortLike, portChannel } from '#shared/rpc/port-channel.ts'
import { answerContract } from '#shared/rpc/serve.ts'
import { createProcessKeyring, type KeyringLauncher } from './keyring.ts'
import { keyringContract, keyringLimitMs } from './keyring-contract.ts'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'keyring-'))
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(folder, { recursive: true, force: true })
})

/** Two ends of a line in this process; what one end posts, the other gets in the next microtask. */
function line() {
  const listeners: [((message: unknown) => void)[], ((message: unknown) => void)[]] = [[], []]
  const gone: (() => void)[] = []
  const end = (mine: 0 | 1): PortLike => ({
    post: (message) =>
      queueMicrotask(() => {
        for (const listener of listeners[mine === 0 ? 1 : 0]) listener(message)
      }),
    subscribe: (listener) => void listeners[mine].push(listener),
    onGone: (listener) => void gone.push(listener),
    close: () => {
      for (const listener of gone) listener()
    },
  })
  return { here: portChannel(end(0)), there: portChannel(end(1)) }
}

/** Launches processes that hold what all of them hold; the first `stuck` of them never answer. */
function fakeProcesses(stuck = 0) {
  const held = new Map<string, string>()
  const told = { launched: 0, killed: 0 }
  const launcher: KeyringLauncher = {
    launch: () => {
      told.launched += 1
      const { here, there } = line()
      const handlers = {
        'secret.get': async ({ name }: { name: string }) => ({ value: held.get(name) ?? null }),
        'secret.set': async ({ name, value }: { name: string; value: string }) => {
          held.set(name, value)
          return {}
        },
        'secret.delete': async ({ name }: { name: string }) => {
          held.delete(name)
          return {}
        },
      }
      if (told.launched > stuck) createPeer(there, { answer: answerContract(keyringContract, handlers, undefined) })
      return {
        channel: here,
        kill: () => {
          told.killed += 1
          here.close()
        },
      }
    },
  }
  return { launcher, held, told }
}

it('starts one process at the first act and ends it in the end', async () => {
  const { launcher, told } = fakeProcesses()
  const keyring = createProcessKeyring(launcher, folder)
  expect(told.launched).toBe(0)
  await keyring.set('a', '1')
  expect(await keyring.get('a')).toBe('1')
  await keyring.delete('a')
  expect(await keyring.get('a')).toBeNull()
  keyring.dispose()
  expect(told).toEqual({ launched: 1, killed: 1 })
})

it('keeps the names of two data folders apart in the one keyring', async () => {
  const { launcher, held } = fakeProcesses()
  const other = mkdtempSync(path.join(tmpdir(), 'keyring-'))
  const [one, two] = [createProcessKeyring(launcher, folder), createProcessKeyring(launcher, other)]
  await one.set('a', '1')
  await two.set('a', '2')
  expect(await one.get('a')).toBe('1')
  expect(await createProcessKeyring(launcher, path.join(folder, '.')).get('a')).toBe('1')
  expect([...held.keys()]).toEqual([expect.stringMatching(/^a\.[0-9a-f]{16}$/), expect.stringMatching(/^a\./)])
  rmSync(other, { recursive: true })
})

it('kills a process that is stuck, says so, and starts a new one for the next act', async () => {
  vi.useFakeTimers()
  const { launcher, told } = fakeProcesses(1)
  const keyring = createProcessKeyring(launcher, folder)
  const late = expect(keyring.set('a', '1')).rejects.toMatchObject({ code: 'secrets-unavailable', detail: 'stuck' })
  await vi.advanceTimersByTimeAsync(keyringLimitMs + 1)
  await late
  expect(told).toEqual({ launched: 1, killed: 1 })
  await keyring.set('a', '1')
  expect(await keyring.get('a')).toBe('1')
  expect(told.launched).toBe(2)
})
