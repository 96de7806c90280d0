// The scan threads: started once, fed with batches of the running scans and with single objects, watched.
// A thread is never replaced (electron#47986): one that dies or hangs ends the process, whose supervisor starts it anew.
import { Worker } from 'node:worker_threads'
import type { ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import { ProductError } from '#shared/errors.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { FileScanResult } from '../scanner.ts'
import { markTimeout } from './slot.ts'
import {
  cell,
  controlCells,
  type FromWorker,
  type OpenResult,
  type ToWorker,
  tenths,
  type WorkerBatch,
} from './worker-protocol.ts'

/** A running scan as the pool sees it. */
export interface BatchSource {
  /** Share of its time a worker may be busy with this scan, in thousandths. */
  duty(): number
  /** The next files for a worker; null when there are none now. */
  take(worker: number): WorkerBatch | null
  /** Results in order; after `ended` the paths without a result come back to the source. */
  deliver(batch: WorkerBatch, from: number, results: readonly FileScanResult[], ended: boolean): void
}

export interface PoolOptions {
  readonly workerFile: string
  readonly size: number
  /** A file that takes longer than this costs the process its life, in ms. */
  readonly watchdogMs: number
  /** Ends the process; called when a worker died or hangs. */
  readonly endProcess: (reason: string) => void
}

export interface WorkerPool {
  readonly size: number
  /** Gives every worker these databases. Throws `databases-unusable` if one cannot use them. */
  load(databases: LoadedDatabases, config: ScannerConfig): Promise<void>
  add(source: BatchSource): void
  remove(source: BatchSource): void
  /** A source has something to take, or another share of time. */
  wake(): void
  /** Makes the source's running batches come back after the current file. */
  recall(source: BatchSource): void
  /** The path that a worker reads for this source right now, for display. */
  currentPath(source: BatchSource): Uint8Array | null
  /** Looks at one file now. */
  scanObject(path: Buffer): Promise<FileScanResult>
  /** Looks at the content of a descriptor of this process. */
  scanOpen(fd: number): Promise<OpenResult>
}

interface Member {
  readonly worker: Worker
  readonly control: Int32Array
  batch: WorkerBatch | null
  source: BatchSource | null
  objects: number
}

const watchEveryMs = 500

type Answer = Extract<FromWorker, { t: 'object' | 'open' }>

/** Starts the threads. They answer once `load` has given them databases. */
export function createWorkerPool(options: PoolOptions): WorkerPool {
  return new ThreadPool(options)
}

class ThreadPool implements WorkerPool {
  readonly #members: readonly Member[]
  readonly #sources: BatchSource[] = []
  readonly #requests = new Map<number, (answer: Answer) => void>()
  readonly #loading = new Map<number, (problem: string | null) => void>()
  #generation = 0
  #requestId = 0
  #turn = 0

  constructor(options: PoolOptions) {
    const receive = (index: number, message: FromWorker) => this.#receive(index, message)
    this.#members = Array.from({ length: options.size }, (_value, index) => startMember(options, index, receive))
    setInterval(() => watch(this.#members, options), watchEveryMs).unref()
  }

  get size(): number {
    return this.#members.length
  }

  async load(databases: LoadedDatabases, config: ScannerConfig): Promise<void> {
    const generation = ++this.#generation
    let missing = this.#members.length
    const problem = await new Promise<string | null>((resolve) => {
      this.#loading.set(generation, (trouble) => {
        missing -= 1
        if (trouble !== null || missing === 0) resolve(trouble)
      })
      for (const member of this.#members) tell(member, { t: 'databases', generation, databases, config })
    })
    this.#loading.delete(generation)
    if (problem !== null) throw new ProductError('databases-unusable', problem.slice(0, 200))
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
    for (const member of this.#members) {
      if (member.source !== source) continue
      Atomics.store(member.control, cell.hold, 1)
      tell(member, { t: 'wake' })
    }
  }

  currentPath(source: BatchSource): Uint8Array | null {
    const member = this.#members.find((each) => each.source === source && each.batch)
    return member?.batch?.paths[Atomics.load(member.control, cell.position)] ?? null
  }

  async scanObject(path: Buffer): Promise<FileScanResult> {
    const answer = await this.#request((requestId) => ({ t: 'object', requestId, path }))
    if (answer.t !== 'object') throw new Error('answer to another request')
    return answer.result
  }

  async scanOpen(fd: number): Promise<OpenResult> {
    const answer = await this.#request((requestId) => ({ t: 'open', requestId, fd }))
    if (answer.t !== 'open') throw new Error('answer to another request')
    return answer.result
  }

  #request(ask: (id: number) => ToWorker): Promise<Answer> {
    return new Promise((resolve) => {
      const member = leastBusy(this.#members)
      const id = ++this.#requestId
      this.#requests.set(id, resolve)
      member.objects += 1
      tell(member, ask(id))
    })
  }

  #receive(index: number, message: FromWorker): void {
    const member = this.#members[index]
    if (!member) return
    if (message.t === 'loaded') this.#loading.get(message.generation)?.(message.problem)
    else if (message.t === 'results') this.#deliver(index, member, message)
    else {
      member.objects -= 1
      this.#requests.get(message.requestId)?.(message)
      this.#requests.delete(message.requestId)
    }
  }

  #deliver(index: number, member: Member, message: Extract<FromWorker, { t: 'results' }>): void {
    const { batch, source } = member
    if (!batch || !source) return
    if (message.ended) {
      member.batch = null
      member.source = null
    }
    source.deliver(batch, message.from, message.results, message.ended)
    if (message.ended) this.#feed(index)
  }

  /** Gives a free worker the next batch, of each source in turn. */
  #feed(index: number): void {
    const member = this.#members[index]
    if (!member || member.batch) return
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

function startMember(
  options: PoolOptions,
  index: number,
  receive: (index: number, message: FromWorker) => void,
): Member {
  const memory = new SharedArrayBuffer(controlCells * 4)
  const worker = new Worker(options.workerFile, { workerData: { index, control: memory } })
  worker.on('message', (message: FromWorker) => receive(index, message))
  worker.on('error', (error) => options.endProcess(`worker ${index}: ${error.message}`))
  worker.on('exit', (code) => options.endProcess(`worker ${index} ended with ${code}`))
  return { worker, control: new Int32Array(memory), batch: null, source: null, objects: 0 }
}

function tell(member: Member, message: ToWorker): void {
  member.worker.postMessage(message)
}

function leastBusy(members: readonly Member[]): Member {
  const load = (member: Member) => member.objects * 2 + (member.batch ? 1 : 0)
  return members.reduce((best, member) => (load(member) < load(best) ? member : best))
}

/** Ends the process when a file takes too long, after noting which one it was. */
function watch(members: readonly Member[], { watchdogMs, endProcess }: PoolOptions): void {
  for (const [index, member] of members.entries()) {
    const startedAt = Atomics.load(member.control, cell.startedAt)
    if (startedAt === 0 || ((tenths() - startedAt) | 0) * 100 < watchdogMs) continue
    if (member.batch) markTimeout(member.batch.slotFile)
    endProcess(`worker ${index} took too long for one file`)
    return
  }
}
