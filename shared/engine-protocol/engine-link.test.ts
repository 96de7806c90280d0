// The link over an engine that exists only in memory: states, waiting calls, lasting failures, bounded stop.
// The real process, with real crashes, is tested in electron/engine-host.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { type ErrorCode, ProductError } from '../errors.ts'
import type { Channel } from '../rpc/channel.ts'
import { createPeer } from '../rpc/peer.ts'
import { defaultScannerConfig, type EngineConfig, type EngineInfo, engineProtocolVersion } from './engine-contract.ts'
import type { EngineExit, EngineLauncher } from './engine-launcher.ts'
import { createEngineLink, type EngineLinkState } from './engine-link.ts'

const config: EngineConfig = {
  protocol: engineProtocolVersion,
  dataDir: '/data',
  databasesDir: null,
  vaultKey: 'A'.repeat(43).concat('='),
  quarantineBytes: 1_000_000_000,
  retentionDays: 30,
  guardedDirs: [],
  scanner: defaultScannerConfig,
  workers: 1,
}
const info: EngineInfo = {
  protocol: engineProtocolVersion,
  engineVersion: '1',
  patternBackend: 'none',
  secondEngine: { state: 'off', version: null },
  workers: 1,
  databases: {
    version: 'v',
    releasedAt: '2026-01-01T00:00:00Z',
    hashSignatures: 1,
    rules: 0,
    recipes: 0,
    rejected: [],
    source: 'seed',
  },
}

/** An engine that answers `engine.configure` and `engine.info`; `fails` makes it refuse its configuration. */
function memoryLauncher(settings: { fails: ErrorCode | null; ignoresClose?: boolean; compiles?: 'kept' | 'not kept' }) {
  const compiled = { anywhere: false }
  const died: (() => void)[] = []
  let launches = 0
  const launcher: EngineLauncher = {
    launch: () => {
      launches += 1
      const [mine, theirs, cut] = wire()
      let exit: (exit: EngineExit) => void = () => undefined
      const exited = new Promise<EngineExit>((resolve) => {
        exit = resolve
      })
      const die = (crashed: boolean) => {
        cut()
        exit({ crashed, reason: 'test' })
      }
      died.push(() => die(true))
      if (!settings.ignoresClose) mine.onClose(() => die(false))
      const here = { compiled: false }
      createPeer(theirs, {
        answer: async (name) => {
          if (settings.fails) throw new ProductError(settings.fails)
          if (settings.compiles && name === 'databases.compile') {
            here.compiled = true
            compiled.anywhere ||= settings.compiles === 'kept'
            return {}
          }
          if (settings.compiles && !here.compiled && !compiled.anywhere)
            throw new ProductError('databases-not-compiled')
          return info
        },
      })
      return { channel: mine, exited, kill: () => die(false) }
    },
  }
  return { launcher, crash: () => died.at(-1)?.(), launches: () => launches }
}

/** Two ends of a line; messages arrive later. */
function wire(): [Channel, Channel, () => void] {
  const closers = new Set<() => void>()
  let open = true
  const cut = () => {
    if (!open) return
    open = false
    for (const close of closers) close()
  }
  const ends = [new Set<(message: unknown) => void>(), new Set<(message: unknown) => void>()] as const
  const end = (own: 0 | 1): Channel => ({
    send: (message) => {
      queueMicrotask(() => {
        if (open) deliver(own === 0 ? ends[1] : ends[0], message)
      })
    },
    onMessage: (listener) => void ends[own].add(listener),
    onClose: (listener) => void closers.add(listener),
    close: cut,
  })
  return [end(0), end(1), cut]
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function linked(settings: Parameters<typeof memoryLauncher>[0]) {
  const engine = memoryLauncher(settings)
  const states: EngineLinkState[] = []
  const link = createEngineLink({ launcher: engine.launcher, config, onState: (state) => states.push(state) })
  return { ...engine, link, states }
}

it('lets calls wait until the engine is ready, over a restart too', async () => {
  const { link, crash, states, launches } = linked({ fails: null })
  link.start()
  const first = link.client.call('engine.info', {})
  await vi.advanceTimersByTimeAsync(0)
  expect(await first).toEqual(info)
  expect(link.info()).toEqual(info)
  crash()
  const second = link.client.call('engine.info', {})
  await vi.advanceTimersByTimeAsync(10)
  expect(await second).toEqual(info)
  expect(states).toEqual(['ready', 'restarting', 'ready'])
  expect(launches()).toBe(2)
})

it('fails calls at once while it has given up, but keeps trying', async () => {
  const settings = { fails: 'internal' as ErrorCode | null }
  const { link, states, launches } = linked(settings)
  link.start()
  await vi.advanceTimersByTimeAsync(30_000)
  expect(states).toEqual(['restarting'])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(states).toEqual(['restarting', 'failed'])
  await expect(link.client.call('engine.info', {})).rejects.toMatchObject({ code: 'engine-unavailable' })
  const before = launches()
  settings.fails = null
  await vi.advanceTimersByTimeAsync(60_000)
  expect(launches()).toBe(before + 1)
  expect(link.state).toBe('ready')
})

it('has rules compiled by a process that ends before the engine is used, once', async () => {
  const { link, states, launches, crash } = linked({ fails: null, compiles: 'kept' })
  link.start()
  await vi.advanceTimersByTimeAsync(0)
  expect([states, launches()]).toEqual([['ready'], 2])
  await link.stop()
  link.start()
  await vi.advanceTimersByTimeAsync(0)
  expect([link.state, launches()]).toEqual(['ready', 3])
  crash()
})

it('has rules compiled where they are used when they cannot be kept', async () => {
  const { link, launches } = linked({ fails: null, compiles: 'not kept' })
  link.start()
  await vi.advanceTimersByTimeAsync(0)
  expect([link.state, launches()]).toEqual(['ready', 2])
  await link.stop()
})

it('does not repeat quickly what another start cannot mend, and says why', async () => {
  const { link, launches } = linked({ fails: 'databases-unusable' })
  link.start()
  await vi.advanceTimersByTimeAsync(0)
  expect([link.state, link.problem]).toEqual(['failed', 'databases-unusable'])
  await vi.advanceTimersByTimeAsync(59_000)
  expect(launches()).toBe(1)
})

it('gives up waiting at the deadline of the call, and when it is aborted', async () => {
  const { link } = linked({ fails: null })
  await expect(link.client.call('engine.info', {})).rejects.toMatchObject({ code: 'engine-unavailable' })
  const hanging = createEngineLink({ launcher: { launch: () => silentProcess() }, config })
  hanging.start()
  const late = hanging.client.call('engine.info', {})
  const controller = new AbortController()
  const aborted = hanging.client.call('engine.info', {}, { signal: controller.signal })
  controller.abort()
  await expect(aborted).rejects.toMatchObject({ code: 'aborted' })
  const refused = expect(late).rejects.toMatchObject({ code: 'engine-unavailable' })
  await vi.advanceTimersByTimeAsync(10_000)
  await refused
})

it('kills an engine that does not end by itself', async () => {
  const { link } = linked({ fails: null, ignoresClose: true })
  link.start()
  await vi.advanceTimersByTimeAsync(0)
  let ended = false
  const stopping = link.stop().then(() => {
    ended = true
  })
  await vi.advanceTimersByTimeAsync(2900)
  expect(ended).toBe(false)
  await vi.advanceTimersByTimeAsync(200)
  await stopping
  await expect(link.client.call('engine.info', {})).rejects.toMatchObject({ code: 'engine-unavailable' })
})

function silentProcess() {
  const [channel] = wire()
  return { channel, exited: new Promise<EngineExit>(() => undefined), kill: () => undefined }
}

function deliver(listeners: ReadonlySet<(message: unknown) => void>, message: unknown): void {
  for (const listener of listeners) listener(message)
}
