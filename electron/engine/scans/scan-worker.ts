// The work of one scan thread: loads databases, scans batches and single objects, keeps to its share of time.
// Single objects go before the rest of a batch. Never decides what is scanned, never treats.
import { fstatSync, readlinkSync } from 'node:fs'
import path from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import type { ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { BufferScanResult, FileScanResult } from '../scanner.ts'
import { readAt } from '../walk/file-reader.ts'
import { SlotWriter } from './slot.ts'
import {
  cell,
  type FromWorker,
  type OpenResult,
  type ToWorker,
  tenths,
  type WorkerBatch,
  type WorkerSetup,
} from './worker-protocol.ts'

/** The part of a scanner that a worker uses. */
export interface FileScanner {
  scanFile(path: Buffer): Promise<FileScanResult>
  scanBuffer(bytes: Buffer, name: string): Promise<BufferScanResult>
  dispose(): void
}
export type MakeScanner = (databases: LoadedDatabases, config: ScannerConfig) => Promise<FileScanner>

/** Results are handed over at least this often. */
const postEveryMs = 80
/** Messages are looked at after at most this long (or one file). */
const turnEveryMs = 5
const longestRestMs = 5000
/** As much as Quarantine takes of one object. */
const maxOpenBytes = 256 * 1024 * 1024

interface Progress {
  readonly batch: WorkerBatch
  next: number
  from: number
  results: FileScanResult[]
  postedAt: number
}

type ObjectRequest = Extract<ToWorker, { t: 'object' | 'open' }>
type LoadRequest = Extract<ToWorker, { t: 'databases' }>

/** Works for the thread behind `port` until the process ends. */
export function runScanWorker(port: MessagePort, setup: WorkerSetup, makeScanner: MakeScanner): void {
  const worker = new ScanWorker(port, new Int32Array(setup.control), makeScanner)
  port.on('message', (message: ToWorker) => worker.receive(message))
}

class ScanWorker {
  readonly #port: MessagePort
  readonly #control: Int32Array
  readonly #makeScanner: MakeScanner
  readonly #objects: ObjectRequest[] = []
  readonly #loads: LoadRequest[] = []
  readonly #slot = new SlotWriter()
  #scanner: FileScanner | null = null
  #current: Progress | null = null
  #running = false
  #wake: () => void = () => undefined

  constructor(port: MessagePort, control: Int32Array, makeScanner: MakeScanner) {
    this.#port = port
    this.#control = control
    this.#makeScanner = makeScanner
  }

  receive(message: ToWorker): void {
    if (message.t === 'object' || message.t === 'open') this.#objects.push(message)
    else if (message.t === 'databases') this.#loads.push(message)
    else if (message.t === 'batch') {
      this.#current = { batch: message.batch, next: 0, from: 0, results: [], postedAt: Date.now() }
    }
    this.#wake()
    void this.#pump()
  }

  async #pump(): Promise<void> {
    if (this.#running) return
    this.#running = true
    while (await this.#step());
    this.#running = false
  }

  /** One piece of work; false when there is none. */
  async #step(): Promise<boolean> {
    const load = this.#loads.shift()
    const object = load ? undefined : this.#objects.shift()
    if (load) await this.#load(load)
    else if (object) await this.#answer(object)
    else if (this.#current) await this.#batchStep(this.#current)
    else return false
    return true
  }

  async #answer(request: ObjectRequest): Promise<void> {
    const { requestId } = request
    if (request.t === 'object') {
      this.#post({ t: 'object', requestId, result: await this.#scan(Buffer.from(request.path)) })
      return
    }
    const result = this.#scanner ? await scanOpen(this.#scanner, request.fd) : null
    this.#post({ t: 'open', requestId, result })
  }

  async #load({ generation, databases, config }: LoadRequest): Promise<void> {
    try {
      const fresh = await this.#makeScanner(databases, config)
      this.#scanner?.dispose()
      this.#scanner = fresh
      this.#post({ t: 'loaded', generation, problem: null })
    } catch (error) {
      this.#post({ t: 'loaded', generation, problem: error instanceof Error ? error.message : 'unknown' })
    }
  }

  /** Scans until it is time to look at messages. */
  async #batchStep(progress: Progress): Promise<void> {
    const { paths, slotFile } = progress.batch
    const started = Date.now()
    while (progress.next < paths.length && Atomics.load(this.#control, cell.hold) === 0) {
      const file = Buffer.from(paths[progress.next] ?? [])
      this.#slot.set(slotFile, file)
      Atomics.store(this.#control, cell.position, progress.next)
      progress.results.push(await this.#scan(file))
      progress.next += 1
      if (Date.now() - started >= turnEveryMs) break
    }
    await this.#rest(Date.now() - started)
    this.#handOver(progress)
  }

  #handOver(progress: Progress): void {
    const ended = progress.next >= progress.batch.paths.length || Atomics.load(this.#control, cell.hold) === 1
    if (!ended && Date.now() - progress.postedAt < postEveryMs) return
    if (ended) {
      this.#slot.clear()
      this.#current = null
    }
    const { batch, from, results } = progress
    this.#post({ t: 'results', batchId: batch.batchId, from, results, ended })
    progress.from = progress.next
    progress.results = []
    progress.postedAt = Date.now()
  }

  async #scan(file: Buffer): Promise<FileScanResult> {
    Atomics.store(this.#control, cell.startedAt, tenths())
    try {
      if (!this.#scanner) return unreadable('rules-unavailable')
      return await this.#scanner.scanFile(file)
    } catch {
      // A scanner that throws has a bug; its silence must not look like a verdict.
      return unreadable('engine-crash')
    } finally {
      Atomics.store(this.#control, cell.startedAt, 0)
    }
  }

  /** Lets messages in, and stays idle so long that the busy share is the one allowed. */
  async #rest(busyMs: number): Promise<void> {
    const duty = Math.min(1000, Math.max(10, Atomics.load(this.#control, cell.duty)))
    const idleMs = Math.min(longestRestMs, (busyMs * (1000 - duty)) / duty)
    await new Promise<void>((resolve) => {
      if (idleMs < 1) {
        setImmediate(resolve)
        return
      }
      const timer = setTimeout(resolve, idleMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #post(message: FromWorker): void {
    this.#port.postMessage(message)
  }
}

function unreadable(reason: 'rules-unavailable' | 'engine-crash'): FileScanResult {
  return { kind: 'not-scanned', reason, notScanned: [], objects: 0, bytes: 0 }
}

/** Reads the descriptor of this process as a whole; what is too big for that is not scanned. */
async function scanOpen(scanner: FileScanner, fd: number): Promise<OpenResult> {
  try {
    const size = fstatSync(fd).size
    if (size > maxOpenBytes) return null
    const name = path.basename(readlinkSync(`/proc/self/fd/${fd}`))
    const result = await scanner.scanBuffer(readAt(fd, 0, size), name)
    return result.findings.length === 0 && result.coverage.kind === 'none' ? null : result
  } catch {
    return null
  }
}
