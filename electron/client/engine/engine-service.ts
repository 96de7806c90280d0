// The client's side of the engine: gives it its configuration, follows its state, and lets nobody use it before what an
// earlier run left half done is settled. Never interprets scans or treatments.
import { randomBytes } from 'node:crypto'
import {
  defaultScannerConfig,
  type EngineConfig,
  type EngineContract,
  type EngineInfo,
  engineProtocolVersion,
} from '#shared/engine-protocol/engine-contract.ts'
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
  call<N extends CallName<EngineContract>>(
    name: N,
    input: CallInput<EngineContract, N>,
  ): Promise<CallOutput<EngineContract, N>>
  /** Called for each connection, before anybody may use it: the place to listen to events and to settle what is open. */
  onReady(prepare: () => Promise<void>): void
  /** Tells the engine settings that changed. Throws when it cannot be told. */
  reconfigure(): Promise<void>
  onState(listener: (state: EngineState) => void): void
  /** Called once, as soon as there is a connection to listen on. */
  onConnection(listener: (connection: EngineConnection) => void): void
}

export interface EngineServiceDeps {
  readonly ports: Pick<ClientPorts, 'engine' | 'dataDir' | 'guardedDirs' | 'databasesDir' | 'workers'>
  readonly secrets: SecretsPort
  readonly clock: Clock
  readonly log: LogPort
  /** How long copies are kept, and how much room they may take. */
  readonly quarantine: () => { readonly retentionDays: number; readonly limitBytes: number }
  readonly clamav: () => { readonly ask: boolean; readonly databases: boolean }
  /** True when copies lie in Quarantine. */
  readonly isQuarantineUsed: () => Promise<boolean>
  /** `vault-key`: there is no key any more for the copies that are there. */
  readonly onDamaged: (file: string) => void
}

const secretRetryMs = 60_000
const prepareFirstMs = 1_000
const prepareLongestMs = 60_000
const defaultUsableMs = 60_000
/** Preparations that fail in a row before a person is told: a few seconds. */
const failuresUntilTold = 3

interface Waiter {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
  readonly timer: Timer
}

export function createEngineService(deps: EngineServiceDeps): EngineService {
  return new EngineServiceObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class EngineServiceObject implements EngineService {
  private readonly deps: EngineServiceDeps
  private readonly ports: EngineServiceDeps['ports']
  private readonly secrets: EngineServiceDeps['secrets']
  private readonly clock: EngineServiceDeps['clock']
  private readonly log: EngineServiceDeps['log']
  private readonly prepares: (() => Promise<void>)[] = []
  private readonly stateListeners = new Set<(state: EngineState) => void>()
  private readonly connectionListeners = new Set<(connection: EngineConnection) => void>()
  private readonly waiters = new Set<Waiter>()
  private connection: EngineConnection | null = null
  private current: EngineState = 'starting'
  /** Grows with every engine process, so that a late preparation of an old one is ignored. */
  private generation = 0
  private isUsable = false
  private stopped = false
  private retry: Timer | null = null
  private prepareDelayMs = prepareFirstMs
  private prepareFailures = 0
  private config: EngineConfig | null = null
  /** One change of the configuration after the other: each is compared with what the one before has made of it. */
  private configuring: Promise<void> = Promise.resolve()

  constructor(deps: EngineServiceDeps) {
    this.deps = deps
    this.ports = deps.ports
    this.secrets = deps.secrets
    this.clock = deps.clock
    this.log = deps.log
  }

  private readonly changed = (next: EngineState): void => {
    if (this.stopped) return
    this.isUsable = false
    this.generation += 1
    this.prepareFailures = 0
    this.tell(next)
    if (next === 'ready') void this.prepare(this.generation)
  }

  private readonly tell = (next: EngineState): void => {
    this.current = next
    if (next === 'failed') this.settleWaiters(new ProductError('engine-unavailable'))
    for (const listener of this.stateListeners) listener(next)
  }

  private readonly prepare = async (mine: number): Promise<void> => {
    try {
      await this.reconfigure()
      for (const run of this.prepares) {
        if (mine !== this.generation || this.stopped) return
        await run()
      }
    } catch (error) {
      this.log.warn('engine preparation failed', { code: codeOf(error), error: String(error) })
      if (mine === this.generation && !this.stopped) this.prepareLater(mine)
      return
    }
    if (mine !== this.generation || this.stopped) return
    this.prepareDelayMs = prepareFirstMs
    this.prepareFailures = 0
    this.isUsable = true
    if (this.current === 'failed') this.tell('ready')
    this.settleWaiters(null)
  }

  /** Nobody uses the engine before what an earlier run left open is settled; an engine that stays unusable is said to have failed. */
  private readonly prepareLater = (mine: number): void => {
    this.prepareFailures += 1
    if (this.prepareFailures === failuresUntilTold) this.tell('failed')
    this.retry?.cancel()
    this.retry = this.clock.after(this.prepareDelayMs, () => {
      if (mine === this.generation && !this.stopped) void this.prepare(mine)
    })
    this.prepareDelayMs = Math.min(prepareLongestMs, this.prepareDelayMs * 2)
  }

  /** Does nothing while the engine already works with what the settings say. */
  readonly reconfigure: EngineService['reconfigure'] = () => {
    const mine = this.configuring.then(this.configureNow)
    this.configuring = mine.catch(() => undefined)
    return mine
  }

  private readonly configureNow = async (): Promise<void> => {
    if (!this.connection || !this.config) return
    const next = { ...this.config, ...this.changeable() }
    if (JSON.stringify(next) === JSON.stringify(this.config)) return
    await this.connection.configure(next)
    this.config = next
  }

  /** The part of the configuration that settings decide. */
  private readonly changeable = (): Pick<EngineConfig, 'retentionDays' | 'quarantineBytes' | 'scanner'> => {
    const { ask, databases } = this.deps.clamav()
    const secondEngine = ask ? 'when-running' : 'off'
    const scanner = { ...defaultScannerConfig, secondEngine, systemClamav: databases } as const
    const { retentionDays, limitBytes } = this.deps.quarantine()
    return { retentionDays, quarantineBytes: limitBytes, scanner }
  }

  private readonly settleWaiters = (error: ProductError | null): void => {
    for (const waiter of [...this.waiters]) {
      this.waiters.delete(waiter)
      waiter.timer.cancel()
      if (error) waiter.reject(error)
      else waiter.resolve()
    }
  }

  private readonly vaultKey = async (): Promise<string> => {
    const known = await this.secrets.get(secretNames.vaultKey)
    if (this.secrets.isDamaged?.()) this.deps.onDamaged('secrets.json')
    if (known !== null) return known
    const made = randomBytes(32).toString('base64')
    if (await this.deps.isQuarantineUsed()) this.deps.onDamaged(secretNames.vaultKey)
    await this.secrets.set(secretNames.vaultKey, made)
    return made
  }

  readonly start = async (): Promise<void> => {
    let key: string
    try {
      key = await this.vaultKey()
    } catch (error) {
      this.log.error('no key for Quarantine', { code: codeOf(error) })
      this.changed('failed')
      this.retry = this.clock.after(secretRetryMs, () => void this.start())
      return
    }
    if (this.stopped) return
    if (this.current === 'failed') this.changed('starting')
    const config: EngineConfig = {
      protocol: engineProtocolVersion,
      dataDir: this.ports.dataDir,
      databasesDir: this.ports.databasesDir,
      vaultKey: key,
      workers: this.ports.workers,
      guardedDirs: [...this.ports.guardedDirs],
      ...this.changeable(),
    }
    this.config = config
    const made = this.ports.engine(config, { onState: this.changed, log: this.log })
    this.connection = made
    for (const listener of this.connectionListeners) listener(made)
    made.start()
  }

  readonly stop: EngineService['stop'] = async () => {
    this.stopped = true
    this.isUsable = false
    this.retry?.cancel()
    this.settleWaiters(new ProductError('engine-unavailable'))
    await this.connection?.stop()
  }

  readonly state: EngineService['state'] = () => this.current

  readonly info: EngineService['info'] = () => this.connection?.info() ?? null

  readonly usable: EngineService['usable'] = (timeoutMs = defaultUsableMs) => {
    if (this.isUsable) return Promise.resolve()
    if (this.stopped || this.current === 'failed') return Promise.reject(new ProductError('engine-unavailable'))
    return new Promise((resolve, reject) => {
      const late = () => {
        this.waiters.delete(waiter)
        reject(new ProductError('engine-unavailable'))
      }
      const waiter: Waiter = { resolve, reject, timer: this.clock.after(timeoutMs, late) }
      this.waiters.add(waiter)
    })
  }

  readonly call: EngineService['call'] = (name, input) => {
    if (!this.connection) return Promise.reject(new ProductError('engine-unavailable'))
    return this.connection.client.call(name, input)
  }

  readonly onReady: EngineService['onReady'] = (run) => {
    this.prepares.push(run)
  }

  readonly onState: EngineService['onState'] = (listener) => {
    this.stateListeners.add(listener)
  }

  readonly onConnection: EngineService['onConnection'] = (listener) => {
    this.connectionListeners.add(listener)
  }
}
