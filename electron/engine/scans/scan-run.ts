// One scan from its start to `scan.finished`: takes files from the walk, hands them to workers, passes on what came back.
// Owns pause, resume, stop and resumption after a crash. Never decides what is done with a finding.
import type { ScanId } from '#shared/domain/ids.ts'
import type { ScanOutcome } from '#shared/domain/scan.ts'
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import type { Emit } from '#shared/rpc/contract.ts'
import type { CacheGeneration } from '../cache/clean-cache.ts'
import { toFilePath } from '../files/path-text.ts'
import type { WalkEntry, WalkOptions } from '../walk/walk.ts'
import { type Checkpoint, openCheckpoint } from './checkpoint.ts'
import type { FeedFile } from './feed-queue.ts'
import { Links } from './links.ts'
import { createLoadGovernor, type LoadGovernor } from './load-governor.ts'
import type { BatchSource } from './pool-member.ts'
import { createFeed, type ScanFeed } from './scan-feed.ts'
import { ScanProgressMeter } from './scan-progress.ts'
import { ScanReport } from './scan-report.ts'
import { notRemembered, type ScannedFile, ScanResults } from './scan-results.ts'
import type { WorkerPool } from './worker-pool.ts'
import type { Delivery, WorkerBatch } from './worker-protocol.ts'

export interface ScanRequest {
  readonly scanId: ScanId
  /** Walks the area anew each time it is called, in the same order. */
  readonly walk: (cache?: WalkOptions['cache']) => Generator<WalkEntry>
  /** What earlier scans remember, as it was when this one was begun; null: nothing is remembered. */
  readonly cache: { readonly open: (begunAtMs: number) => CacheGeneration; readonly read: boolean } | null
  /** What the scan is begun with (generation.ts): only what is scanned with that is remembered. */
  readonly generation: string
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
const saveEveryMs = 1000
const batchFiles = 128
const batchBytes = 8 * 1024 * 1024

export class ScanRun implements BatchSource {
  readonly #request: ScanRequest
  readonly #ports: ScanRunPorts
  readonly #checkpoint: Checkpoint
  readonly #remembered: CacheGeneration | null
  readonly #feed: ScanFeed
  readonly #report: ScanReport
  readonly #results: ScanResults
  readonly #progress: ScanProgressMeter
  readonly #governor: LoadGovernor
  readonly #links = new Links()
  readonly #out = new Map<number, FeedFile[]>()
  /** In flight when the process died: each is scanned alone, before everything else. */
  readonly #suspects: FeedFile[]
  readonly #setAside: ReadonlySet<string>
  #status: Status = 'running'
  #filling = false
  #nextBatch = 0
  #lastPath = ''
  #savedAt = 0
  #timer: NodeJS.Timeout | undefined

  /** Throws ProductError (`disk-full`, `no-permission`) when the scan's folder cannot be made. */
  constructor(request: ScanRequest, ports: ScanRunPorts) {
    const { scanId, resume, generation, cache, loadCeilingPercent, expectedFiles } = request
    const { log } = ports
    this.#request = request
    this.#ports = ports
    this.#checkpoint = openCheckpoint(ports.dataDir, scanId, { resume, generation })
    this.#report = new ScanReport(scanId, ports.emit)
    this.#results = new ScanResults({ checkpoint: this.#checkpoint, report: this.#report, log })
    this.#governor = createLoadGovernor(loadCeilingPercent, ports.cores, ports.pool.size)
    const { suspects, given, startedAt, activeMs } = this.#checkpoint
    this.#suspects = suspects.map(({ path }) => ({ path, size: 0, link: null }))
    this.#setAside = new Set([...suspects, ...given].map(({ path }) => path.toString('latin1')))
    this.#remembered = cache?.open(startedAt) ?? null
    const memory = this.#remembered && { generation: this.#remembered, read: cache?.read === true }
    this.#feed = createFeed({
      walk: () => request.walk(memory ?? undefined),
      accept: (file) => this.#accept(file),
      onObstacle: (obstacle) => {
        if (!this.#checkpoint.isDone(obstacle.path)) this.#results.takeObstacle(obstacle)
      },
      onKnown: (files, bytes) => this.#results.takeKnown(files, bytes),
    })
    this.#progress = new ScanProgressMeter({
      feed: this.#feed,
      walk: () => request.walk(),
      expectedFiles,
      activeMs,
      isRunning: () => this.#status === 'running',
      isEnded: () => this.#status === 'ended',
      duty: () => this.duty(),
      log,
    })
  }

  start(): void {
    this.#results.tellBefore()
    void this.#progress.measure()
    this.#ports.pool.add(this)
    this.#timer = setInterval(() => this.#tick(), tickMs)
    this.#advance()
  }

  pause(): void {
    if (this.#status !== 'running') return
    this.#status = 'paused'
    this.#progress.time.pause()
    this.#ports.pool.recall(this)
  }

  resume(): void {
    if (this.#status !== 'paused') return
    this.#status = 'running'
    this.#progress.time.resume()
    this.#advance()
  }

  stop(): void {
    if (this.#status === 'ended') return
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

  deliver(batch: WorkerBatch, { from, results, ended, generation }: Delivery): void {
    const files = this.#out.get(batch.batchId) ?? []
    if (this.#status === 'ended') return
    const scanned: ScannedFile[] = []
    // Under the name that this scan began with, only what was scanned with that may be remembered.
    const isOwn = generation === this.#request.generation
    for (const [index, told] of results.entries()) {
      const file = files[from + index]
      if (!file) continue
      const result = isOwn ? told : notRemembered(told)
      const { names, toRead } = this.#links.settle(file, result)
      scanned.push({ file, result }, ...names)
      for (const name of toRead) this.#feed.queue.push(name)
    }
    this.#results.take(scanned)
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
      this.#results.skip(file)
      return false
    }
    const answer = this.#links.ask(file)
    if (answer === 'read') return true
    if (answer !== 'wait') this.#results.take([{ file, result: answer }])
    return false
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
    if (this.#filling || this.#status !== 'running' || this.#feed.walked || this.#feed.isAhead()) return
    this.#filling = true
    setImmediate(() => {
      this.#filling = false
      if (this.#status === 'running') this.#advance()
    })
  }

  #tick(): void {
    this.#report.flush()
    this.#saveInTime()
    if (this.#status !== 'running') return
    if (this.#governor.correct()) this.#ports.pool.wake()
    const current = this.#ports.pool.currentPath(this)
    if (current) this.#lastPath = toFilePath(Buffer.from(current)).text
    this.#report.progress(this.#progress.now(this.#results.done), this.#lastPath)
  }

  #saveInTime(): void {
    const now = performance.now()
    if (now - this.#savedAt < saveEveryMs) return
    this.#savedAt = now
    this.#checkpoint
      .save(this.#progress.time.ms())
      .catch((error: unknown) => this.#ports.log(`checkpoint not written: ${String(error)}`))
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
    this.#remembered?.flush()
    this.#report.flush()
    if (outcome === 'completed') this.#report.progress({ percent: 100, leftMs: 0 }, this.#lastPath)
    this.#report.finished(outcome, this.#progress.time.ms())
    // Told first: a crash in between costs a folder, not the scan.
    this.#checkpoint.remove()
    this.#ports.onEnded(this.#request.scanId)
  }
}
