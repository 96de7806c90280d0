// The client's side of the engine: gives it its configuration, follows its state, and lets nobody use it before what an
// earlier run left half done is settled. Never interprets scans or treatments.
import { randomBytes } from 'node:crypto'
import { type EngineConfig, type EngineContract, type EngineInfo, engineProtocolVersion } from '#shared/engine-protocol/engine-contract.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import { secretNames } from '#shared/files/secret-names.ts'
import type { CallInput, CallName, CallOutput } from '#shared/rpc/contract.ts'
import type { ClientPorts, Clock, EngineConnection, EngineState, LogPort, SecretsPort, Timer } from '../ports.ts'

export interface EngineService {
  start(): Promise<void>
  stop(): Promise<void>
  state(): EngineState
  info(): EngineInfo | null
  /** Resolves when the engine can be used; rejects with `engine-unavailable` when that takes too long or it has failed. */
  usable(timeoutMs?: number): Promise<void>
  call<N extends CallName<EngineContract>>(name: N, input: CallInput<EngineContract, N>): Promise<CallOutput<EngineContract, N>>
  /** Called for each connection, before anybody may use it: the place to listen to events and to settle what is open. */
  onReady(prepare: () => Promise<void>): void
  onState(listener: (state: EngineState) => void): void
  /** Called once, as soon as there is a connection to listen on. */
  onConnection(listener: (connection: EngineConnection) => void): void
}

export interface EngineServiceDeps {
  readonly ports: Pick<ClientPorts, 'engine' | 'dataDir' | 'databasesDir' | 'workers'>
  readonly secrets: SecretsPort
  readonly clock: Clock
  readonly log: LogPort
  readonly retentionDays: () => number
}

const secretRetryMs = 60_000
const defaultUsableMs = 60_000

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  readonly timer: Timer
}

export function createEngineService(deps: EngineServiceDeps): EngineService {
  const { ports, secrets, clock, log } = deps
  const prepares: (() => Promise<void>)[] = []
  const stateListeners = new Set<(state: EngineState) => void>()
  const connectionListeners = new Set<(connection: EngineConnection) => void>()
  const waiters = new Set<Waiter>()
  let connection: EngineConnection | null = null
  let state: EngineState = 'starting'
  /** Grows with every engine process, so that a late preparation of an old one is ignored. */
  let generation = 0
  let isUsable = false
  let stopped = false
  let retry: Timer | null = null

  function changed(next: EngineState): void {
    if (stopped) return
    state = next
    isUsable = false
    generation += 1
    if (next === 'failed') settleWaiters(new ProductError('engine-unavailable'))
    for (const listener of stateListeners) listener(next)
    if (next === 'ready') void prepare(generation)
  }

  async function prepare(mine: number): Promise<void> {
    for (const run of prepares) {
      try {
        await run()
      } catch (error) {
        log.warn('engine preparation failed', { code: codeOf(error), error: String(error) })
      }
      if (mine !== generation || stopped) return
    }
    isUsable = true
    settleWaiters(null)
  }

  function settleWaiters(error: ProductError | null): void {
    for (const waiter of [...waiters]) {
      waiters.delete(waiter)
      waiter.timer.cancel()
      if (error) waiter.reject(error)
      else waiter.resolve()
    }
  }

  async function vaultKey(): Promise<string> {
    const known = await secrets.get(secretNames.vaultKey)
    if (known !== null) return known
    const made = randomBytes(32).toString('base64')
    await secrets.set(secretNames.vaultKey, made)
    return made
  }

  async function start(): Promise<void> {
    let key: string
    try {
      key = await vaultKey()
    } catch (error) {
      log.error('no key for Quarantine', { code: codeOf(error) })
      changed('failed')
      retry = clock.after(secretRetryMs, () => void start())
      return
    }
    if (stopped) return
    if (state === 'failed') changed('starting')
    const config: EngineConfig = {
      protocol: engineProtocolVersion,
      dataDir: ports.dataDir,
      databasesDir: ports.databasesDir,
      vaultKey: key,
      retentionDays: deps.retentionDays(),
      workers: ports.workers,
    }
    const made = ports.engine(config, { onState: changed, log })
    connection = made
    for (const listener of connectionListeners) listener(made)
    made.start()
  }

  return {
    start,
    async stop() {
      stopped = true
      isUsable = false
      retry?.cancel()
      settleWaiters(new ProductError('engine-unavailable'))
      await connection?.stop()
    },
    state: () => state,
    info: () => connection?.info() ?? null,
    usable(timeoutMs = defaultUsableMs) {
      if (isUsable) return Promise.resolve()
      if (stopped || state === 'failed') return Promise.reject(new ProductError('engine-unavailable'))
      return new Promise((resolve, reject) => {
        const late = () => {
          waiters.delete(waiter)
          reject(new ProductError('engine-unavailable'))
        }
        const waiter: Waiter = { resolve, reject, timer: clock.after(timeoutMs, late) }
        waiters.add(waiter)
      })
    },
    call(name, input) {
      if (!connection) return Promise.reject(new ProductError('engine-unavailable'))
      return connection.client.call(name, input)
    },
    onReady: (run) => {
      prepares.push(run)
    },
    onState: (listener) => {
      stateListeners.add(listener)
    },
    onConnection: (listener) => {
      connectionListeners.add(listener)
    },
  }
}
