// The scan threads: started once, fed with batches of the running scans and with single objects, watched.
// A thread is never replaced (electron#47986): one that dies or hangs ends the process, whose supervisor starts it anew.
import type { ObjectLook, ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { FileScanResult } from '../scanner.ts'
import { lost } from './gaps.ts'
import { generationOf } from './generation.ts'
import { keyOfOpen, keyOfPath, type ObjectDeaths, openObjectDeaths } from './object-deaths.ts'
import { type BatchSource, blame, leastBusy, type Member, startMember, tell } from './pool-member.ts'
import { Watchdog, watchdogMsFor } from './watchdog.ts'
import { cell, type Delivery, type FromWorker, type OpenResult, type ToWorker } from './worker-protocol.ts'

export interface PoolOptions {
  readonly workerFile: string
  readonly size: number
  /** Where it is noted what is read, so that it is known after this process has died of it. */
  readonly dataDir: string
  /** A file that takes longer than this costs the process its life, in ms. Default: as its own limits allow. */
  readonly watchdogMs: number | undefined
  /** Ends the process; called when a worker died or hangs. */
  readonly endProcess: (reason: string) => void
  readonly log: (line: string) => void
}

export interface WorkerPool {
  readonly size: number
  /** Gives every worker these databases, or none of them. Throws `databases-unusable` if one cannot use them. */
  load(databases: LoadedDatabases, config: ScannerConfig): Promise<void>
  add(source: BatchSource): void
  remove(source: BatchSource): void
  /** A source has something to take, or another share of time. */
  wake(): void
  /** Makes the source's running batches come back as soon as their current file can be left. */
  recall(source: BatchSource): void
  /** The path that a worker reads for this source right now, for display. */
  currentPath(source: BatchSource): Uint8Array | null
  /** Looks at one file now. What this process died of twice is not looked at again. */
  scanObject(path: Buffer, look: ObjectLook): Promise<FileScanResult>
  /** Looks at the content of a descriptor of this process. */
  scanOpen(fd: number): Promise<OpenResult>
}

const watchEveryMs = 500

type Answer = Extract<FromWorker, { t: 'object' | 'open' }>

/** Starts the threads. They answer once `load` has given them databases. */
export function createWorkerPool(options: PoolOptions): WorkerPool {
  return new ThreadPool(options)
}

class ThreadPool implements WorkerPool {
  readonly #options: PoolOptions
  readonly #members: readonly Member[]
  readonly #deaths: ObjectDeaths
  readonly #sources: BatchSource[] = []
  readonly #requests = new Map<number, (answer: Answer) => void>()
  readonly #loading = new Map<number, (problem: string | null) => void>()
  readonly #idle: (() => void)[] = []
  #watchdogMs = Number.POSITIVE_INFINITY
  #loadId = 0
  #requestId = 0
  #turn = 0
  /** Resolves when the object is done that is looked at alone; null while there is none. */
  #alone: Promise<void> | null = null

  constructor(options: PoolOptions) {
    this.#options = options
    this.#deaths = openObjectDeaths(options.dataDir, options.log)
    this.#members = Array.from({ length: options.size }, (_value, index) =>
      startMember(options.workerFile, index, this.#deaths, {
        onMessage: (message) => this.#receive(index, message),
        onDeath: (reason) => this.#end(index, reason, false),
      }),
    )
    const watchdog = new Watchdog(this.#members.map(({ control }) => control))
    setInterval(() => {
      const index = watchdog.look(this.#watchdogMs)
      if (index !== null) this.#end(index, `worker ${index} took too long for one file`, true)
    }, watchEveryMs).unref()
  }

  get size(): number {
    return this.#members.length
  }

  async load(databases: LoadedDatabases, config: ScannerConfig): Promise<void> {
    const loadId = ++this.#loadId
    const generation = generationOf({ version: databases.info.version, backend: databases.rules.backend, config })
    let missing = this.#members.length
    const problem = await new Promise<string | null>((resolve) => {
      this.#loading.set(loadId, (trouble) => {
        missing -= 1
        if (trouble !== null || missing === 0) resolve(trouble)
      })
      for (const member of this.#members) tell(member, { t: 'prepare', loadId, generation, databases, config })
    })
    this.#loading.delete(loadId)
    // All of them change over, or none does.
    for (const member of this.#members) tell(member, { t: problem === null ? 'use' : 'drop', loadId })
    if (problem !== null) throw new ProductError('databases-unusable', problem.slice(0, 200))
    this.#watchdogMs = this.#options.watchdogMs ?? watchdogMsFor(config)
  }

  add(source: BatchSource): void {
    this.#sources.push(source)
  }

  remove(source: BatchSource): void {
    const at = this.#sources.indexOf(source)
    if (at >= 0) this.#sources.splice(at, 1)
  }

  wake(): void {
    for (const [index, member] of this.#members.entries()) {
      if (member.source) Atomics.store(member.control, cell.duty, member.source.duty())
      this.#feed(index)
    }
  }

  recall(source: BatchSource): void {
    for (const member of this.#members) if (member.source === source) recallBatch(member)
  }

  currentPath(source: BatchSource): Uint8Array | null {
    const member = this.#members.find((each) => each.source === source && each.batch)
    return member?.batch?.paths[Atomics.load(member.control, cell.position)] ?? null
  }

  async scanObject(path: Buffer, look: ObjectLook): Promise<FileScanResult> {
    const key = keyOfPath(path)
    const known = key === null ? 'unknown' : this.#deaths.of(key)
    if (known === 'engine-crash' || known === 'engine-timeout') return lost(known)
    const answer = await this.#request(known === 'suspect', (requestId) => ({
      t: 'object',
      requestId,
      key: key ?? '',
      path,
      look,
    }))
    if (answer.t !== 'object') throw new Error('answer to another request')
    return answer.result
  }

  async scanOpen(fd: number): Promise<OpenResult> {
    const key = keyOfOpen(fd)
    const known = key === null ? 'unknown' : this.#deaths.of(key)
    if (known === 'engine-crash' || known === 'engine-timeout') return null
    const answer = await this.#request(known === 'suspect', (requestId) => ({
      t: 'open',
      requestId,
      key: key ?? '',
      fd,
    }))
    if (answer.t !== 'open') throw new Error('answer to another request')
    return answer.result
  }

  /** `alone`: with nothing else under way, so that it is known who ends the process if it ends. */
  async #request(alone: boolean, ask: (id: number) => ToWorker): Promise<Answer> {
    while (this.#alone !== null) await this.#alone
    if (!alone) return this.#send(ask)
    let over: () => void = () => undefined
    this.#alone = new Promise<void>((resolve) => {
      over = resolve
    })
    for (const member of this.#members) recallBatch(member)
    await this.#allIdle()
    try {
      return await this.#send(ask)
    } finally {
      this.#alone = null
      over()
      this.wake()
    }
  }

  #send(ask: (id: number) => ToWorker): Promise<Answer> {
    return new Promise((resolve) => {
      const member = leastBusy(this.#members)
      const id = ++this.#requestId
      this.#requests.set(id, resolve)
      member.objects += 1
      tell(member, ask(id))
    })
  }

  async #allIdle(): Promise<void> {
    const isIdle = () => this.#members.every(({ batch, objects }) => batch === null && objects === 0)
    while (!isIdle()) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** This thread ends the process. */
  #end(index: number, reason: string, isTimeout: boolean): void {
    const guilty = this.#members[index]
    if (guilty) blame(this.#members, guilty, isTimeout)
    this.#options.endProcess(reason)
  }

  #receive(index: number, message: FromWorker): void {
    const member = this.#members[index]
    if (!member) return
    if (message.t === 'prepared') this.#loading.get(message.loadId)?.(message.problem)
    else if (message.t === 'results') this.#deliver(index, member, message)
    else {
      member.objects -= 1
      this.#requests.get(message.requestId)?.(message)
      this.#requests.delete(message.requestId)
    }
    for (const look of this.#idle.splice(0)) look()
  }

  #deliver(index: number, member: Member, delivery: Delivery): void {
    const { batch, source } = member
    if (!batch || !source) return
    if (delivery.ended) {
      member.batch = null
      member.source = null
    }
    source.deliver(batch, delivery)
    if (delivery.ended) this.#feed(index)
  }

  /** Gives a free worker the next batch, of each source in turn. */
  #feed(index: number): void {
    const member = this.#members[index]
    if (!member || member.batch || this.#alone !== null) return
    for (let tried = 0; tried < this.#sources.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#sources.length
      const source = this.#sources[this.#turn]
      const batch = source?.take(index)
      if (!source || !batch) continue
      member.batch = batch
      member.source = source
      Atomics.store(member.control, cell.hold, 0)
      Atomics.store(member.control, cell.position, 0)
      Atomics.store(member.control, cell.duty, source.duty())
      tell(member, { t: 'batch', batch })
      return
    }
  }
}

function recallBatch(member: Member): void {
  if (!member.batch) return
  Atomics.store(member.control, cell.hold, 1)
  tell(member, { t: 'wake' })
}
