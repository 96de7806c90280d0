// In-memory twins of the client's ports. Used by tests only.
import { ProductError } from '#shared/errors.ts'
import type { ClientPorts, Clock, ConnectSocket, LogPort, SecretsPort, SettingsPort, Timer } from '../ports.ts'
import { type Disk, nodeDisk } from '../storage/disk.ts'

/** Whether the machine runs. Off: nothing is written and nothing answers any more. */
export interface Power {
  on: boolean
}

export function memorySecrets(
  kind: 'keyring' | 'file' = 'keyring',
): SecretsPort & { readonly values: Map<string, string>; broken: boolean } {
  const values = new Map<string, string>()
  const port = {
    values,
    broken: false,
    kind: () => kind,
    get: async (name: string) => {
      if (port.broken) throw new ProductError('secrets-unavailable')
      return values.get(name) ?? null
    },
    set: async (name: string, value: string) => {
      if (port.broken) throw new ProductError('secrets-unavailable')
      values.set(name, value)
    },
    delete: async (name: string) => {
      values.delete(name)
    },
  }
  return port
}

export function memorySettings(initial?: unknown): SettingsPort & { value: unknown } {
  const port = {
    value: initial,
    load: () => port.value,
    save: (value: unknown) => {
      port.value = structuredClone(value)
    },
  }
  return port
}

export const quietLog: LogPort = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A log that keeps its lines. */
export function memoryLog(): LogPort & { readonly lines: string[] } {
  const lines: string[] = []
  const line = (text: string, facts?: Record<string, unknown>) =>
    void lines.push(`${text} ${JSON.stringify(facts ?? {})}`)
  return { lines, info: line, warn: line, error: line }
}

/** A clock that only moves when it is told to. */
export function manualClock(start = Date.parse('2026-03-01T10:00:00Z')): Clock & { advance(ms: number): void } {
  let elapsed = 0
  let timers: { at: number; run: () => void }[] = []
  return {
    now: () => start + elapsed,
    monotonicMs: () => elapsed,
    after: (ms, run): Timer => {
      const timer = { at: elapsed + ms, run }
      timers.push(timer)
      return { cancel: () => (timers = timers.filter((other) => other !== timer)) }
    },
    advance(ms) {
      const until = elapsed + ms
      for (;;) {
        const next = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        timers = timers.filter((other) => other !== next)
        elapsed = Math.max(elapsed, next.at)
        next.run()
      }
      elapsed = until
    },
  }
}

export interface StoppingDisk extends Disk {
  writes(): number
  /** Resolves when no write is under way. */
  idle(): Promise<void>
}

/**
 * The real disk until the given write, at which the machine stops: `before` it, `torn` in the middle of an appended line,
 * or right `after` it.
 */
export function stoppingDisk(
  power: Power,
  stopAt = Number.POSITIVE_INFINITY,
  how: 'before' | 'torn' | 'after' = 'before',
): StoppingDisk {
  let writes = 0
  const underWay = new Set<Promise<void>>()

  function write(run: () => Promise<void>, tear: () => Promise<void>): Promise<void> {
    const done = writeOnce(run, tear).finally(() => underWay.delete(done))
    underWay.add(done)
    return done
  }

  async function writeOnce(run: () => Promise<void>, tear: () => Promise<void>): Promise<void> {
    if (!power.on) throw new Error('the machine is off')
    writes += 1
    if (writes < stopAt) return run()
    power.on = false
    if (how === 'torn') await tear()
    if (how === 'after') await run()
    throw new Error('the machine stopped')
  }
  return {
    writes: () => writes,
    idle: async () => {
      await Promise.allSettled(underWay)
    },
    read: nodeDisk.read,
    append: (file, text) =>
      write(
        () => nodeDisk.append(file, text),
        () => nodeDisk.append(file, text.slice(0, Math.floor(text.length / 2))),
      ),
    replace: (file, text) =>
      write(
        () => nodeDisk.replace(file, text),
        async () => undefined,
      ),
    setAside: nodeDisk.setAside,
  }
}

export const testDevice: ClientPorts['device'] = {
  os: 'Debian 12',
  hostname: 'desk',
  appVersion: '0.1.0',
  electronVersion: '45.0.0',
  nodeVersion: '20.18.0',
}

/** A portal that is never there. */
export const noPortal: ConnectSocket = () => ({
  emit: () => undefined,
  on: (event, listener) => (event === 'connect_error' ? setTimeout(() => listener(undefined), 1) : undefined),
  disconnect: () => undefined,
})

export type TestPorts = { -readonly [K in keyof ClientPorts]: ClientPorts[K] }

/** Ports of a client without a portal. */
export function testPorts(given: Pick<ClientPorts, 'dataDir' | 'engine'> & Partial<ClientPorts>): TestPorts {
  return {
    guardedDirs: [],
    portalUrl: 'http://localhost:1',
    databasesDir: null,
    workers: 2,
    watchedFolders: [],
    downloadFolders: [],
    secrets: memorySecrets(),
    settings: memorySettings(),
    device: testDevice,
    log: quietLog,
    takeLock: async () => ({ release: async () => undefined }),
    connectSocket: noPortal,
    ...given,
  }
}

export interface HeldDisk extends Disk {
  /** Resolves when a write waits. */
  readonly reached: Promise<void>
  release(): void
  /** Resolves when no write is under way. */
  idle(): Promise<void>
}

/** The real disk, but the first write that `isHeld` picks waits until it is let go, and so does what its file is written after it. */
export function heldDisk(isHeld: (file: string, text: string) => boolean): HeldDisk {
  let isOver = false
  let [tell, release]: (() => void)[] = []
  const reached = new Promise<void>((resolve) => {
    tell = resolve
  })
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const underWay = new Set<Promise<void>>()
  const write = (file: string, text: string, run: () => Promise<void>): Promise<void> => {
    const isFirst = !isOver && isHeld(file, text)
    isOver ||= isFirst
    if (isFirst) tell?.()
    const done = (isFirst ? released.then(run) : run()).finally(() => underWay.delete(done))
    underWay.add(done)
    return done
  }
  return {
    ...nodeDisk,
    reached,
    release: () => release?.(),
    idle: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
    append: (file, text) => write(file, text, () => nodeDisk.append(file, text)),
    replace: (file, text) => write(file, text, () => nodeDisk.replace(file, text)),
  }
}
