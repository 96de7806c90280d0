// The work of one scan thread: loads databases, scans batches and single objects, keeps to its share of time.
// Single objects go before the rest of a batch, also in the middle of a file. Never decides what is scanned, never treats.
import type { MessagePort } from 'node:worker_threads'
import type { ObjectLook, ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { BufferScanResult, FileScanResult } from '../scanner.ts'
import { lost } from './gaps.ts'
import { LoadShare } from './load-share.ts'
import { scanOpen } from './open-scan.ts'
import { FileRecalled, type PausePoint } from './pause-point.ts'
import { SlotWriter } from './slot.ts'
import { cell, type FromWorker, reading, type ToWorker, type WorkerBatch, type WorkerSetup } from './worker-protocol.ts'
import { WorkerSigns } from './worker-signs.ts'

/** The part of a scanner that a worker uses. */
export interface FileScanner {
  scanFile(path: Buffer, look?: ObjectLook): Promise<FileScanResult>
  scanBuffer(bytes: Buffer, name: string): Promise<BufferScanResult>
  dispose(): void
}
/** `pausePoint`: for the scanner to call while it is in the middle of a file. */
export type MakeScanner = (
  databases: LoadedDatabases,
  config: ScannerConfig,
  pausePoint: PausePoint,
) => Promise<FileScanner>

/** Results are handed over at least this often. */
const postEveryMs = 80
/** Between files, messages are looked at after at most this long (or one file). */
const turnEveryMs = 5
/** The same in the middle of a file. */
const turnInFileMs = 20
/** Between two looks at messages while there is nothing to do but to stay idle. */
const longestRestMs = 100

interface Progress {
  readonly batch: WorkerBatch
  next: number
  from: number
  results: FileScanResult[]
  postedAt: number
}

interface Loaded {
  readonly scanner: FileScanner
  readonly generation: string
}

type ObjectRequest = Extract<ToWorker, { t: 'object' | 'open' }>
type LoadRequest = Extract<ToWorker, { t: 'prepare' | 'use' | 'drop' }>

/** Works for the thread behind `port` until the process ends. */
export function runScanWorker(port: MessagePort, setup: WorkerSetup, makeScanner: MakeScanner): void {
  const worker = new ScanWorker(port, setup, makeScanner)
  port.on('message', (message: ToWorker) => worker.receive(message))
}

class ScanWorker {
  readonly #port: MessagePort
  readonly #control: Int32Array
  readonly #makeScanner: MakeScanner
  readonly #objects: ObjectRequest[] = []
  readonly #loads: LoadRequest[] = []
  readonly #slot = new SlotWriter()
  readonly #objectSlot = new SlotWriter()
  readonly #objectSlotFile: string
  readonly #signs: WorkerSigns
  readonly #share: LoadShare
  #loaded: Loaded | null = null
  #prepared: (Loaded & { readonly loadId: number }) | null = null
  #current: Progress | null = null
  /** Since when the time counts as busy that is not counted yet. */
  #busySince = 0
  #running = false
  #wake: () => void = () => undefined

  constructor(port: MessagePort, setup: WorkerSetup, makeScanner: MakeScanner) {
    this.#port = port
    this.#control = new Int32Array(setup.control)
    this.#objectSlotFile = setup.objectSlotFile
    this.#makeScanner = makeScanner
    this.#signs = new WorkerSigns(this.#control)
    this.#share = new LoadShare(() => Atomics.load(this.#control, cell.duty))
  }

  receive(message: ToWorker): void {
    if (message.t === 'object' || message.t === 'open') this.#objects.push(message)
    else if (message.t === 'batch') {
      this.#current = { batch: message.batch, next: 0, from: 0, results: [], postedAt: performance.now() }
    } else if (message.t !== 'wake') this.#loads.push(message)
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

  async #load(request: LoadRequest): Promise<void> {
    if (request.t === 'prepare') await this.#prepare(request)
    else if (request.loadId === this.#prepared?.loadId) {
      const prepared = this.#prepared
      this.#prepared = null
      if (request.t === 'drop') prepared.scanner.dispose()
      else this.#use(prepared)
    }
  }

  async #prepare({ loadId, generation, databases, config }: Extract<LoadRequest, { t: 'prepare' }>): Promise<void> {
    try {
      const scanner = await this.#makeScanner(databases, config, this.#pausePoint)
      this.#prepared?.scanner.dispose()
      this.#prepared = { loadId, scanner, generation }
      this.#post({ t: 'prepared', loadId, problem: null })
    } catch (error) {
      this.#post({ t: 'prepared', loadId, problem: error instanceof Error ? error.message : 'unknown' })
    }
  }

  /** What was scanned by now goes out under the name of what it was scanned with. */
  #use({ scanner, generation }: Loaded): void {
    if (this.#current) this.#handOver(this.#current, false)
    this.#loaded?.scanner.dispose()
    this.#loaded = { scanner, generation }
  }

  async #answer(request: ObjectRequest): Promise<void> {
    const { requestId } = request
    this.#objectSlot.set(this.#objectSlotFile, Buffer.from(request.key))
    const before = this.#signs.begin(reading.object)
    try {
      if (request.t === 'object') {
        this.#post({ t: 'object', requestId, result: await this.#scanned(Buffer.from(request.path), request.look) })
      } else {
        const result = this.#loaded ? await scanOpen(this.#loaded.scanner, request.fd) : null
        this.#post({ t: 'open', requestId, result })
      }
    } finally {
      this.#signs.end(before)
      this.#objectSlot.clear()
    }
  }

  /** Scans until it is time to look at messages, or stays idle for a moment. */
  async #batchStep(progress: Progress): Promise<void> {
    if (this.#share.owedMs() < 1) await this.#scanFiles(progress)
    await this.#rest()
    this.#handOverInTime(progress)
  }

  async #scanFiles(progress: Progress): Promise<void> {
    const { paths, slotFile } = progress.batch
    const started = performance.now()
    this.#busySince = started
    while (progress.next < paths.length && !this.#isHeld()) {
      const file = Buffer.from(paths[progress.next] ?? [])
      this.#slot.set(slotFile, file)
      this.#signs.at(progress.next)
      const result = await this.#scannedInBatch(file)
      if (result === null) break
      progress.results.push(result)
      progress.next += 1
      if (performance.now() - started >= turnEveryMs) break
    }
    // From here to the next file this thread does other things, which are not this file's fault.
    this.#slot.clear()
    this.#share.worked(performance.now() - this.#busySince)
  }

  /** Null when it was recalled. */
  async #scannedInBatch(file: Buffer): Promise<FileScanResult | null> {
    const before = this.#signs.begin(reading.batch)
    try {
      return await this.#scanned(file)
    } catch (error) {
      if (error instanceof FileRecalled) return null
      throw error
    } finally {
      this.#signs.end(before)
    }
  }

  /** Throws FileRecalled only. */
  async #scanned(file: Buffer, look?: ObjectLook): Promise<FileScanResult> {
    if (!this.#loaded) return lost('rules-unavailable')
    try {
      return await this.#loaded.scanner.scanFile(file, look)
    } catch (error) {
      if (error instanceof FileRecalled) throw error
      // A scanner that throws has a bug; its silence must not look like a verdict.
      return lost('engine-crash')
    }
  }

  readonly #pausePoint: PausePoint = () => {
    this.#signs.alive()
    // A single object is waited for: it neither rests nor is it paused with the scan.
    if (this.#signs.reading !== reading.batch) return 0
    if (this.#isHeld()) throw new FileRecalled()
    const now = performance.now()
    return now - this.#busySince < turnInFileMs ? 0 : this.#turnInFile(now)
  }

  /** Lets messages in, answers for single objects, stays idle as long as is owed. Gives back how long all of it took. */
  async #turnInFile(now: number): Promise<number> {
    this.#share.worked(now - this.#busySince)
    if (this.#current) this.#handOver(this.#current, false)
    try {
      do {
        await this.#rest()
        for (let object = this.#objects.shift(); object; object = this.#objects.shift()) await this.#answer(object)
        this.#signs.alive()
        if (this.#isHeld()) throw new FileRecalled()
      } while (this.#share.owedMs() >= 1)
    } finally {
      this.#busySince = performance.now()
    }
    return this.#busySince - now
  }

  #isHeld(): boolean {
    return Atomics.load(this.#control, cell.hold) === 1
  }

  /** Lets messages in. Stays idle for as much of what is owed as may go by without a look at them. */
  async #rest(): Promise<void> {
    const idleMs = Math.min(longestRestMs, this.#share.owedMs())
    const started = performance.now()
    await new Promise<void>((resolve) => {
      if (idleMs < 1 || this.#isHeld()) {
        setImmediate(resolve)
        return
      }
      const timer = setTimeout(resolve, idleMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
    if (idleMs >= 1) this.#share.rested(performance.now() - started)
  }

  #handOverInTime(progress: Progress): void {
    const ended = progress.next >= progress.batch.paths.length || this.#isHeld()
    if (ended || performance.now() - progress.postedAt >= postEveryMs) this.#handOver(progress, ended)
  }

  #handOver(progress: Progress, ended: boolean): void {
    if (ended) this.#current = null
    const { batch, from, results } = progress
    if (!ended && results.length === 0) return
    const generation = this.#loaded?.generation ?? ''
    this.#post({ t: 'results', batchId: batch.batchId, from, results, ended, generation })
    progress.from = progress.next
    progress.results = []
    progress.postedAt = performance.now()
  }

  #post(message: FromWorker): void {
    this.#port.postMessage(message)
  }
}
