// One scan from its start to `scan.finished`: takes files from the walk, hands them to workers, records what came back.
// Owns pause, resume, stop and resumption after a crash. Never decides what is done with a finding.
import type { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters, type ScanOutcome } from '#shared/domain/scan.ts'
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import type { Emit } from '#shared/rpc/contract.ts'
import { toFilePath } from '../files/path-text.ts'
import type { FileScanResult } from '../scanner.ts'
import type { WalkEntry, WalkOptions } from '../walk/walk.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import type { CompletedFile } from './done-log.ts'
import { type AreaSize, createEstimator } from './estimate.ts'
import type { FeedFile } from './feed-queue.ts'
import { gapsOf, lost, notScannedFile } from './gaps.ts'
import { Links } from './links.ts'
import { createLoadGovernor, type LoadGovernor } from './load-governor.ts'
import { createFeed, type FeedObstacle, measureArea, type ScanFeed } from './scan-feed.ts'
import { ScanReport } from './scan-report.ts'
import type { BatchSource, WorkerPool } from './worker-pool.ts'
import type { WorkerBatch } from './worker-protocol.ts'

export interface ScanRequest {
  readonly scanId: ScanId
  /** Walks the area anew each time it is called, in the same order. */
  readonly walk: (cache?: WalkOptions['cache']) => Generator<WalkEntry>
  /** What earlier scans remember; null: nothing is remembered. */
  readonly cache: WalkOptions['cache'] | null
  readonly loadCeilingPercent: number
  /** For the estimate; 0 = unknown, the area is then counted ahead. */
  readonly expectedFiles: number
  readonly resume: boolean
}

export interface ScanRunPorts {
  readonly pool: WorkerPool
  readonly emit: Emit<EngineContract>
  readonly dataDir: string
  readonly cores: number
  readonly log: (line: string) => void
  readonly onEnded: (scanId: ScanId) => void
}

type Status = 'running' | 'paused' | 'stopping' | 'ended'

const tickMs = 100
const measureAfterMs = 2000
const batchFiles = 128
const batchBytes = 8 * 1024 * 1024

export class ScanRun implements BatchSource {
  readonly #request: ScanRequest
  readonly #ports: ScanRunPorts
  readonly #checkpoint: Checkpoint
  readonly #feed: ScanFeed
  readonly #report: ScanReport
  readonly #governor: LoadGovernor
  readonly #links = new Links()
  readonly #estimate = createEstimator()
  readonly #out = new Map<number, FeedFile[]>()
  /** In flight when the process died: each is scanned alone, before everything else. */
  readonly #suspects: FeedFile[]
  readonly #setAside: ReadonlySet<string>
  #status: Status = 'running'
  #size: AreaSize | null = null
  /** Sizes of the files that are finished, for the estimate. */
  #doneBytes = 0
  #pausedAt = 0
  #pausedMs = 0
  #filling = false
  #nextBatch = 0
  #lastPath = ''
  #timer: NodeJS.Timeout | undefined

  /** Throws ProductError (`disk-full`, `no-permission`) when the scan's folder cannot be made. */
  constructor(request: ScanRequest, ports: ScanRunPorts) {
    this.#request = request
    this.#ports = ports
    this.#checkpoint = openCheckpoint(ports.dataDir, request.scanId, request.resume)
    this.#report = new ScanReport(request.scanId, ports.emit)
    this.#governor = createLoadGovernor(request.loadCeilingPercent, ports.cores, ports.pool.size)
    const { suspects, given } = this.#checkpoint
    this.#suspects = suspects.map(({ path }) => ({ path, size: 0, link: null }))
    this.#setAside = new Set([...suspects, ...given].map(({ path }) => path.toString('latin1')))
    this.#feed = createFeed({
      walk: () => request.walk(request.cache ?? undefined),
      accept: (file) => this.#accept(file),
      onObstacle: (obstacle) => this.#recordObstacle(obstacle),
      onKnown: (files, bytes) => this.#countKnown(files, bytes),
    })
  }

  start(): void {
    const { counters, detected, notScanned, given } = this.#checkpoint
    this.#report.add(counters)
    this.#report.tell(detected, notScanned)
    for (const { path, cause } of given) this.#record([{ file: { path, size: 0, link: null }, result: lost(cause) }])
    if (this.#request.expectedFiles > 0) this.#size = { files: this.#request.expectedFiles, bytes: null }
    else void this.#measure()
    this.#ports.pool.add(this)
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#advance()
  }

  pause(): void {
    if (this.#status !== 'running') return
    this.#status = 'paused'
    this.#pausedAt = Date.now()
    this.#ports.pool.recall(this)
  }

  resume(): void {
    if (this.#status !== 'paused') return
    this.#status = 'running'
    this.#pausedMs += Date.now() - this.#pausedAt
    this.#advance()
  }

  stop(): void {
    if (this.#status === 'ended') return
    if (this.#status === 'paused') this.#pausedMs += Date.now() - this.#pausedAt
    this.#status = 'stopping'
    this.#ports.pool.recall(this)
    this.#endIfDone()
  }

  duty(): number {
    return this.#governor.duty()
  }

  take(worker: number): WorkerBatch | null {
    if (this.#status !== 'running') return null
    const files = this.#nextFiles()
    if (files.length === 0) return null
    const batchId = ++this.#nextBatch
    this.#out.set(batchId, files)
    this.#advanceSoon()
    return { batchId, paths: files.map((file) => file.path), slotFile: this.#checkpoint.slotFile(worker) }
  }

  deliver(batch: WorkerBatch, from: number, results: readonly FileScanResult[], ended: boolean): void {
    const files = this.#out.get(batch.batchId) ?? []
    if (this.#status === 'ended') return
    const finished = results.flatMap((result, index) => {
      const file = files[from + index]
      return file ? [{ file, result }, ...this.#links.settle(file, result)] : []
    })
    this.#record(finished)
    if (!ended) return
    this.#out.delete(batch.batchId)
    const rest = files.slice(from + results.length)
    if (files.some((file) => this.#isSuspect(file))) this.#suspects.unshift(...rest)
    else this.#feed.queue.giveBack(rest)
    this.#endIfDone()
    if (this.#status === 'running') this.#advance()
  }

  #nextFiles(): FeedFile[] {
    const suspect = this.#suspects[0]
    if (suspect === undefined) {
      // A suspect that is being tried stays alone.
      const alone = [...this.#out.values()].some((files) => files.some((file) => this.#isSuspect(file)))
      return alone ? [] : this.#feed.queue.take(batchFiles, batchBytes, [...this.#out.values()].flat())
    }
    if (this.#out.size > 0) return []
    this.#suspects.shift()
    return [suspect]
  }

  #isSuspect(file: FeedFile): boolean {
    return this.#setAside.size > 0 && this.#setAside.has(file.path.toString('latin1'))
  }

  #accept(file: FeedFile): boolean {
    if (this.#isSuspect(file)) return false
    if (this.#checkpoint.isDone(file.path)) {
      this.#doneBytes += file.size
      return false
    }
    const answer = this.#links.ask(file)
    if (answer === 'read') return true
    if (answer !== 'wait') this.#record([{ file, result: answer }])
    return false
  }

  /** Unchanged since an earlier scan found nothing in all of them. */
  #countKnown(files: number, bytes: number): void {
    this.#doneBytes += bytes
    this.#report.add({ ...noCounters, files, objects: files, bytes })
  }

  #recordObstacle({ path, reason }: FeedObstacle): void {
    if (this.#checkpoint.isDone(path)) return
    this.#recordReports([{ path, counts: { ...noCounters, notScanned: 1 } }], [], [notScannedFile(path, reason)])
  }

  #record(finished: readonly { file: FeedFile; result: FileScanResult }[]): void {
    const detected: DetectedObject[] = []
    const notScanned: NotScannedObject[] = []
    const completed = finished.map(({ file, result }): CompletedFile => {
      const missing = gapsOf(file, result)
      const found = result.kind === 'detected' ? 1 : 0
      if (result.kind === 'detected') detected.push(result.object)
      notScanned.push(...missing)
      this.#doneBytes += file.size
      if (result.kind === 'nothing-found' && result.seen) file.known?.remember(result.seen.file, result.seen.readAtMs)
      const counts = { files: 1, objects: result.objects, bytes: result.bytes, found, notScanned: missing.length }
      return { path: file.path, counts }
    })
    this.#recordReports(completed, detected, notScanned)
  }

  /** On disk first, then counted and told: after a crash in between it is told again, never forgotten. */
  #recordReports(completed: CompletedFile[], detected: DetectedObject[], notScanned: NotScannedObject[]): void {
    try {
      this.#checkpoint.report(detected, notScanned)
      this.#checkpoint.complete(completed)
    } catch (error) {
      this.#ports.log(`checkpoint not written: ${error instanceof Error ? error.message : 'unknown'}`)
    }
    for (const { counts } of completed) this.#report.add(counts)
    this.#report.tell(detected, notScanned)
  }

  /** A second walk ahead of the first one, unless that is over soon. */
  async #measure(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, measureAfterMs).unref())
    if (this.#feed.walked || this.#status === 'ended') return
    try {
      const size = await measureArea(this.#request.walk(), () => this.#status === 'ended' || this.#feed.walked)
      this.#size ??= size
    } catch (error) {
      this.#ports.log(`area not measured: ${error instanceof Error ? error.message : 'unknown'}`)
    }
  }

  /** Walks on and gives the workers what there is. */
  #advance(): void {
    try {
      this.#feed.fill()
    } catch (error) {
      this.#ports.log(`walk failed: ${error instanceof Error ? error.message : 'unknown'}`)
      this.#end('failed')
      return
    }
    this.#ports.pool.wake()
    this.#endIfDone()
    this.#advanceSoon()
  }

  #advanceSoon(): void {
    if (this.#filling || this.#status !== 'running' || this.#feed.walked || this.#feed.queue.length >= batchFiles * 8) {
      return
    }
    this.#filling = true
    setImmediate(() => {
      this.#filling = false
      if (this.#status === 'running') this.#advance()
    })
  }

  #tick(): void {
    this.#report.flush()
    if (this.#status !== 'running') return
    if (this.#governor.correct()) this.#ports.pool.wake()
    const current = this.#ports.pool.currentPath(this)
    if (current) this.#lastPath = toFilePath(Buffer.from(current)).text
    this.#report.progress(this.#estimateNow(), this.#lastPath)
  }

  #estimateNow() {
    this.#size = this.#feed.size() ?? this.#size
    const done = { ...this.#report.counters, bytes: this.#doneBytes }
    return this.#estimate(this.#size, done, this.#activeMs())
  }

  #activeMs(): number {
    return Math.max(0, Date.now() - this.#checkpoint.startedAt - this.#pausedMs)
  }

  #endIfDone(): void {
    if (this.#status === 'ended' || this.#out.size > 0) return
    if (this.#status === 'stopping') this.#end('stopped')
    else if (this.#feed.walked && this.#feed.queue.length + this.#suspects.length === 0) this.#end('completed')
  }

  #end(outcome: ScanOutcome): void {
    this.#status = 'ended'
    clearInterval(this.#timer)
    this.#ports.pool.remove(this)
    this.#request.cache?.generation.flush()
    this.#report.flush()
    if (outcome === 'completed') this.#report.progress({ percent: 100, leftMs: 0 }, this.#lastPath)
    this.#report.finished(outcome, this.#activeMs())
    // Told first: a crash in between costs a folder, not the scan.
    this.#checkpoint.remove()
    this.#ports.onEnded(this.#request.scanId)
  }
}
