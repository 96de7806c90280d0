// Keeps one engine process running: launches, configures, restarts with back-off, lets running scans go on after a crash,
// and hides all of that behind one client. What a crash made the engine tell twice is told once.
import { codeOf, type ErrorCode, ProductError } from '../errors.ts'
import { clientFor } from '../rpc/client.ts'
import { type ContractClient, defaultDeadlineMs } from '../rpc/contract.ts'
import { createPeer, type Peer } from '../rpc/peer.ts'
import { type CompileElsewhere, compileElsewhere } from './compile-elsewhere.ts'
import {
  type EngineConfig,
  type EngineContract,
  EngineInfo,
  engineContract,
  engineProtocolVersion,
} from './engine-contract.ts'
import type { EngineLauncher, EngineProcess } from './engine-launcher.ts'
import { createRestartPlan, type RestartPlan, slowRetryMs } from './restart-plan.ts'
import { createScanLedger, type ScanLedger } from './scan-ledger.ts'

export type EngineLinkState = 'starting' | 'ready' | 'restarting' | 'failed'

export interface EngineLinkLog {
  warn(text: string, facts?: Record<string, unknown>): void
}

export interface EngineLinkOptions {
  readonly launcher: EngineLauncher
  readonly config: EngineConfig
  readonly onState?: (state: EngineLinkState) => void
  readonly log?: EngineLinkLog
  /** Wall time in ms, for the count of crashes. */
  readonly now?: () => number
}

export interface EngineLink {
  /**
   * Calls wait until the engine is ready, within their own deadline; they fail with `engine-unavailable` while the state is
   * `failed` or after `stop`, and with `peer-gone` when the engine dies under them. Listeners outlive restarts.
   */
  readonly client: ContractClient<EngineContract>
  readonly state: EngineLinkState
  /** Why the state is `failed`, where the engine said so (`databases-unusable`, ...). */
  readonly problem: ErrorCode | null
  /** What the engine said about itself last; null before it was ready for the first time. */
  info(): EngineInfo | null
  start(): void
  /**
   * Other databases, for this engine and every later one; running scans go on. Throws `databases-unusable`: the old ones
   * then stay in use.
   */
  configure(config: EngineConfig): Promise<EngineInfo>
  /** Ends the engine; resolves when it is gone, after 3 s it is killed. */
  stop(): Promise<void>
}

const stopWithinMs = 3000
/** Failures that another start would only repeat. */
const lasting: ReadonlySet<ErrorCode> = new Set(['databases-unusable', 'update-needed', 'bad-request', 'bad-response'])

/** Makes the link; nothing runs before `start()`. */
export function createEngineLink(options: EngineLinkOptions): EngineLink {
  return new FollowedEngine(options)
}

type Client = ContractClient<EngineContract>
type Call = (name: string, input: unknown, options?: { signal?: AbortSignal }) => Promise<unknown>

interface Listener {
  readonly name: string
  readonly run: (payload: unknown) => void
}

interface Running {
  readonly process: EngineProcess
  readonly peer: Peer
}

class FollowedEngine implements EngineLink {
  readonly client: Client
  state: EngineLinkState = 'starting'
  problem: ErrorCode | null = null
  readonly #options: EngineLinkOptions
  readonly #plan: RestartPlan
  readonly #compiler: CompileElsewhere
  readonly #ledger: ScanLedger = createScanLedger()
  readonly #listeners = new Set<Listener>()
  readonly #waiting = new Set<() => void>()
  #config: EngineConfig
  #info: EngineInfo | null = null
  #running: Running | null = null
  #ready: Client | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #stopped = true

  constructor(options: EngineLinkOptions) {
    this.#options = options
    this.#config = options.config
    this.#compiler = compileElsewhere(options.launcher)
    this.#plan = createRestartPlan(options.now ?? (() => Date.now()))
    const untyped = {
      call: (name: string, input: unknown, callOptions?: { signal?: AbortSignal }) =>
        this.#call(name, input, callOptions),
      on: (name: string, run: (payload: unknown) => void) => this.#on({ name, run }),
    }
    // Names and payloads are checked by the contract's client underneath.
    this.client = untyped as unknown as Client
  }

  info(): EngineInfo | null {
    return this.#info
  }

  start(): void {
    if (!this.#stopped) return
    this.#stopped = false
    this.#launch()
  }

  async configure(config: EngineConfig): Promise<EngineInfo> {
    const answer = await this.#compiler.configure(this.client, config)
    this.#config = config
    this.#info = answer
    return answer
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    this.#wakeWaiting()
    this.#compiler.stop()
    const last = this.#running
    if (!last) return
    const kill = setTimeout(() => last.process.kill(), stopWithinMs)
    last.process.channel.close()
    await last.process.exited
    clearTimeout(kill)
  }

  #launch(): void {
    if (this.#stopped) return
    const process = this.#options.launcher.launch()
    const peer = createPeer(process.channel, {
      onFault: ({ kind, name }) => this.#options.log?.warn('engine message', { kind, name }),
    })
    this.#running = { process, peer }
    const client = clientFor(engineContract, peer, {
      onFault: (name, problem) => this.#options.log?.warn('engine event', { name, problem }),
    })
    this.#subscribe(client)
    // A line that closed by itself leaves a process nobody can talk to.
    peer.onClose(() => {
      if (this.#running?.peer === peer) this.#ready = null
      if (!this.#stopped) process.kill()
    })
    void process.exited.then((exit) => this.#over(peer, exit.reason))
    void this.#configure(client, process)
  }

  async #configure(client: Client, process: EngineProcess): Promise<void> {
    try {
      const answer = await this.#compiler.configure(client, this.#config)
      if (answer.protocol !== engineProtocolVersion) throw new ProductError('update-needed')
      this.#info = answer
      await this.#resumeScans(client)
      this.problem = null
      this.#ready = client
      this.#setState('ready')
    } catch (error) {
      const code = codeOf(error)
      this.problem = lasting.has(code) ? code : null
      this.#options.log?.warn('engine not usable', { code })
      process.kill()
    }
  }

  async #resumeScans(client: Client): Promise<void> {
    for (const { request, action } of this.#ledger.running()) {
      await client.call('scan.start', { ...request, resume: true })
      if (action) await client.call('scan.control', { scanId: request.scanId, action })
    }
  }

  #over(peer: Peer, reason: string): void {
    if (this.#running?.peer !== peer) return
    peer.close()
    this.#running = null
    this.#ready = null
    if (this.#stopped) return
    const planned = this.#plan.afterCrash()
    const { delayMs, givenUp } = this.problem ? { delayMs: slowRetryMs, givenUp: true } : planned
    this.#options.log?.warn('engine ended', { reason, delayMs })
    this.#timer = setTimeout(() => this.#launch(), delayMs)
    this.#setState(givenUp ? 'failed' : 'restarting')
  }

  #setState(next: EngineLinkState): void {
    const changed = this.state !== next
    this.state = next
    if (changed) this.#options.onState?.(next)
    this.#wakeWaiting()
  }

  #wakeWaiting(): void {
    for (const look of [...this.#waiting]) look()
  }

  #subscribe(client: Client): void {
    client.on('scan.progress', (payload) => this.#publish('scan.progress', this.#ledger.progress(payload)))
    client.on('scan.detected', (payload) => {
      const objects = this.#ledger.newDetected(payload.scanId, payload.objects)
      if (objects.length > 0) this.#publish('scan.detected', { ...payload, objects })
    })
    client.on('scan.notScanned', (payload) => {
      const objects = this.#ledger.newNotScanned(payload.scanId, payload.objects)
      if (objects.length > 0) this.#publish('scan.notScanned', { ...payload, objects })
    })
    client.on('scan.finished', (payload) => {
      this.#ledger.finished(payload.scanId)
      this.#publish('scan.finished', payload)
    })
  }

  #publish(name: string, payload: unknown): void {
    for (const listener of [...this.#listeners]) {
      if (listener.name === name) listener.run(payload)
    }
  }

  #on(listener: Listener): () => void {
    if (!Object.hasOwn(engineContract.events, listener.name)) throw new ProductError('unknown-call', listener.name)
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async #call(name: string, input: unknown, options: { signal?: AbortSignal } = {}): Promise<unknown> {
    const calls: Readonly<Record<string, { options: { deadlineMs?: number } }>> = engineContract.calls
    const deadlineMs = (Object.hasOwn(calls, name) ? calls[name]?.options.deadlineMs : undefined) ?? defaultDeadlineMs
    const client = await this.#untilReady(deadlineMs, options.signal)
    const noted = this.#ledger.before(name, input)
    try {
      const answer = await (client.call as Call)(name, input, options)
      if (name === 'engine.info') this.#info = EngineInfo.parse(answer)
      return answer
    } catch (error) {
      noted.undo(error)
      throw error
    }
  }

  #untilReady(deadlineMs: number, signal: AbortSignal | undefined): Promise<Client> {
    if (this.#ready && !signal?.aborted) return Promise.resolve(this.#ready)
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(limit)
        this.#waiting.delete(look)
        signal?.removeEventListener('abort', look)
        act()
      }
      const look = () => {
        const client = this.#ready
        if (signal?.aborted) settle(() => reject(new ProductError('aborted')))
        else if (client) settle(() => resolve(client))
        else if (this.#stopped || this.state === 'failed') settle(() => reject(this.#unavailable()))
      }
      const limit = setTimeout(() => settle(() => reject(this.#unavailable())), deadlineMs)
      this.#waiting.add(look)
      signal?.addEventListener('abort', look)
      look()
    })
  }

  #unavailable(): ProductError {
    return new ProductError('engine-unavailable', this.problem ?? undefined)
  }
}
