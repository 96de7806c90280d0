// Runs scans: one at a time, local or remote, with the same policy for both. Findings go to the ledger before they are
// treated. Never looks at a file itself; the engine does.
import type { ScanTopic } from '#shared/domain/app-state.ts'
import type { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import {
  type FinishedScan,
  noCounters,
  type RunningScan,
  type ScanGaps,
  type ScanProgress,
} from '#shared/domain/scan.ts'
import { codeOf, type ErrorCode, ProductError } from '#shared/errors.ts'
import type { LedgerEntry } from '../detections/ledger.ts'
import type { ClientPorts, EngineConnection, LogPort } from '../ports.ts'
import type { History } from '../reports/history.ts'
import { scanFinished, scanStarted } from '../reports/sentences.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import { type FindingsDeps, takeFindings } from './findings.ts'
import { createLeftScans, type LeftScans } from './left-scan.ts'
import type { NotScannedList } from './not-scanned.ts'
import { areaOf, optionsOf, type ScanRequest } from './scan-areas.ts'
import type { LastCompleted, ScanRecords } from './scan-records.ts'
import { endOfRun, finderOf, finishedScan, newRun, type ScanRun, withProgress, withRun } from './scan-run.ts'
import { belongsTo, excludedMatches, totalsOf } from './scan-totals.ts'

export interface ScanService {
  /** Shows the last scans and records one that an earlier run left unfinished. */
  load(): Promise<void>
  /** Goes on with a full scan that ran when the app ended. Throws as `start` does. */
  goOn(): Promise<void>
  /** Throws `already-running`, `bad-path`, `engine-unavailable`. */
  start(request: ScanRequest): Promise<{ readonly scanId: ScanId; readonly finished: Promise<FinishedScan> }>
  /** Throws `scan-unknown` when nothing runs. `by`: where a stop comes from. */
  control(action: 'pause' | 'resume' | 'stop', by: 'device' | 'portal'): Promise<void>
  running(): RunningScan | null
  /** When a scan of each type last got to its end. */
  lastCompletedAt(): LastCompleted
  notScanned(offset: number, limit: number): { total: number; objects: ScanTopic['notScanned'] }
  /** Of the running or last scan; null when it looked at everything. */
  gaps(): ScanGaps | null
  listen(connection: EngineConnection): void
  /** Ends the running scan as failed: the engine does not come back. */
  engineFailed(): void
  /** Called before a stop is carried out, so that it can be written down first. */
  onStop(listener: (scan: RunningScan, by: 'device' | 'portal') => Promise<void>): void
  onProgress(listener: (scan: RunningScan) => void): void
}

export interface ScanDeps extends FindingsDeps {
  readonly records: ScanRecords
  readonly notScanned: NotScannedList
  readonly topics: Topics
  readonly history: History
  readonly log: LogPort
  readonly ports: Pick<ClientPorts, 'dataDir' | 'guardedDirs' | 'areaOverrides'>
}

const lostCodes: ReadonlySet<ErrorCode> = new Set([
  'peer-gone',
  'engine-unavailable',
  'scan-unknown',
  'deadline-exceeded',
])

export function createScanService(deps: ScanDeps): ScanService {
  return new ScanServiceObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class ScanServiceObject implements ScanService {
  private readonly deps: ScanDeps
  private readonly engine: ScanDeps['engine']
  private readonly ledger: ScanDeps['ledger']
  private readonly records: ScanDeps['records']
  private readonly settings: ScanDeps['settings']
  private readonly topics: ScanDeps['topics']
  private readonly history: ScanDeps['history']
  private readonly clock: ScanDeps['clock']
  private readonly log: ScanDeps['log']
  private run: ScanRun | null = null
  private readonly leftOut: NotScannedList
  private readonly left: LeftScans
  private readonly progressListeners = new Set<(scan: RunningScan) => void>()

  constructor(deps: ScanDeps) {
    this.deps = deps
    this.engine = deps.engine
    this.ledger = deps.ledger
    this.records = deps.records
    this.settings = deps.settings
    this.topics = deps.topics
    this.history = deps.history
    this.clock = deps.clock
    this.log = deps.log
    this.leftOut = deps.notScanned
    this.left = createLeftScans(deps)
  }

  private stopListener: (scan: RunningScan, by: 'device' | 'portal') => Promise<void> = async () => undefined

  readonly start = async (request: ScanRequest) => {
    if (this.run) throw new ProductError('already-running')
    const area = areaOf(request, this.settings.get(), this.deps.ports.areaOverrides)
    const { dataDir, guardedDirs } = this.deps.ports
    const options = optionsOf(request.origin, this.settings.get(), [dataDir, ...guardedDirs])
    const { loadCeilingPercent } = options
    const before = this.left.take(request) ?? { startedAt: isoNow(this.clock) }
    const mine = newRun({ request, area, loadCeilingPercent, ...before })
    this.run = mine
    try {
      await Promise.race([this.engine.usable(), mine.stopAsked])
      await this.records.started(mine.view)
      this.leftOut.clear()
      this.show(mine.view)
      if (mine.stoppedBy) {
        // The engine never heard of it.
        await this.end(mine, 'stopped', noCounters)
        return mine
      }
      const expectedFiles = this.records.expectedFiles(mine.areaKey)
      await this.engine.call('scan.start', {
        scanId: mine.scanId,
        area,
        options,
        expectedFiles,
        resume: mine.resumed,
        ignoreCache: false,
      })
      this.begun(mine)
      if (mine.stoppedBy) await this.stop(mine, mine.stoppedBy)
    } catch (error) {
      // What it did is recorded, whatever became of the answer.
      if (mine.ending) return mine
      if (this.run === mine) this.run = null
      this.topics.update('scan', (topic) => ({ ...topic, running: null }))
      await this.records.notStarted().catch(() => undefined)
      throw error
    }
    return mine
  }

  /** The engine has said so, or tells of it before its answer is here. */
  private readonly begun = (mine: ScanRun): ScanRun => {
    if (!mine.begun) this.history.add(scanStarted(mine.request.type, mine.request.origin))
    mine.begun = true
    return mine
  }

  private readonly show = (view: RunningScan, options?: { lazy: boolean }): void => {
    this.topics.update('scan', (topic) => ({ ...topic, running: view, notScanned: this.leftOut.newest() }), options)
    for (const listener of this.progressListeners) listener(view)
  }

  private readonly progressed = (mine: ScanRun, progress: ScanProgress): void => {
    if (mine.ending) return
    const before = mine.view.status
    mine.view = withProgress(mine, progress, this.leftOut.reasons())
    this.show(mine.view, { lazy: before === mine.view.status })
  }

  private readonly detected = (mine: ScanRun, objects: readonly DetectedObject[]): void => {
    const { processed, open } = this.left.sorted(mine.scanId, objects)
    for (const id of processed) mine.found.add(id)
    mine.excluded += excludedMatches(objects, this.settings.get().treatment.excludedThreats)
    const job = takeFindings(finderOf(mine), open, this.deps)
      .catch((error: unknown) => {
        mine.lost += objects.length
        this.log.error('findings could not be recorded', { code: codeOf(error), error: String(error) })
      })
      .finally(() => mine.jobs.delete(job))
    mine.jobs.add(job)
  }

  /** Waits for the treatment of everything that was found, then records the end. */
  private readonly end = async (
    mine: ScanRun,
    outcome: FinishedScan['outcome'],
    counters: FinishedScan['counters'],
  ): Promise<void> => {
    if (mine.ending) return
    mine.ending = true
    while (mine.jobs.size > 0) await Promise.all(mine.jobs)
    const belongs = ({ detection }: LedgerEntry) => belongsTo(mine, detection)
    // What an earlier attempt left under way counts too, so it has to be over; what was put off is not waited for.
    const open = [...this.ledger.entries()]
      .filter((entry) => entry.intent && entry.detection.busy && belongs(entry))
      .map(({ detection }) => detection.id)
    await this.deps.treatment
      .carryOut(open)
      .catch((error: unknown) => this.log.error('treatment not recorded', { error: String(error) }))
    const found = [...this.ledger.entries()].filter(belongs).map(({ detection }) => detection)
    const totals = totalsOf(found)
    const gapReasons = this.leftOut.reasons()
    const how = mine.stoppedBy !== null && outcome !== 'completed' ? 'stopped' : outcome
    const scan = finishedScan(mine, { outcome: how, counters, totals, gapReasons, finishedAt: isoNow(this.clock) })
    try {
      await this.leftOut.save()
      await this.records.finished(scan, mine.areaKey)
    } catch (error) {
      this.log.error('end of scan could not be recorded', { error: String(error) })
    }
    if (this.run === mine) this.run = null
    this.topics.update('scan', () => ({
      running: null,
      ...this.records.last(),
      notScanned: this.leftOut.newest(),
    }))
    this.history.add(scanFinished(scan), endOfRun(mine, scan, found))
    mine.finish(scan)
  }

  /** Events of a scan that nobody waits for any more end it. */
  private readonly current = (scanId: ScanId): ScanRun | null => {
    if (this.run?.scanId === scanId) return this.begun(this.run)
    this.engine.call('scan.control', { scanId, action: 'stop' }).catch(() => undefined)
    return null
  }

  readonly control = async (action: 'pause' | 'resume' | 'stop', by: 'device' | 'portal'): Promise<void> => {
    const mine = this.run
    if (!mine || mine.ending) throw new ProductError('scan-unknown')
    if (action === 'stop') return this.stop(mine, by)
    if (mine.view.status === 'stopping') throw new ProductError('scan-unknown')
    await this.engine.call('scan.control', { scanId: mine.scanId, action })
    // It has ended, or somebody stopped it, before the answer was here.
    if (mine.ending || mine.stoppedBy) return
    const resumed = mine.view.progress.percent === null ? 'estimating' : 'running'
    mine.view = { ...mine.view, status: action === 'pause' ? 'paused' : resumed }
    this.show(mine.view)
  }

  private readonly stop = async (mine: ScanRun, by: 'device' | 'portal'): Promise<void> => {
    if (!mine.stoppedBy) {
      mine.stoppedBy = by
      mine.askStop()
      await this.stopListener(mine.view, by)
    }
    if (mine.ending) return
    mine.view = { ...mine.view, status: 'stopping' }
    this.show(mine.view)
    // `start` sees it as soon as it can.
    if (!mine.begun) return
    try {
      await this.engine.call('scan.control', { scanId: mine.scanId, action: 'stop' })
    } catch (error) {
      if (!lostCodes.has(codeOf(error))) throw error
      // No engine that could answer: what it did so far counts.
      await this.end(mine, 'stopped', mine.view.progress.counters)
    }
  }

  readonly load: ScanService['load'] = async () => {
    await this.records.load()
    await this.leftOut.load()
    await this.left.load()
    this.topics.update('scan', (topic) => ({ ...topic, ...this.records.last(), notScanned: this.leftOut.newest() }))
  }

  readonly goOn: ScanService['goOn'] = async () => {
    const request = this.run ? null : this.left.goesOn()
    if (request) await this.start(request)
  }

  readonly running: ScanService['running'] = () => this.run?.view ?? null

  readonly notScanned: ScanService['notScanned'] = (...given) => this.leftOut.page(...given)

  readonly gaps: ScanService['gaps'] = () => this.leftOut.gaps()

  readonly lastCompletedAt: ScanService['lastCompletedAt'] = () => this.records.lastCompletedAt()

  readonly listen: ScanService['listen'] = ({ client }) => {
    client.on('scan.progress', ({ scanId, progress }) =>
      withRun(this.current(scanId), (mine) => this.progressed(mine, progress)),
    )
    client.on('scan.detected', ({ scanId, objects }) =>
      withRun(this.current(scanId), (mine) => this.detected(mine, objects)),
    )
    client.on('scan.notScanned', ({ scanId, objects }) =>
      withRun(this.current(scanId), () => this.leftOut.add(objects)),
    )
    client.on('scan.finished', ({ scanId, outcome, counters }) => {
      if (this.run?.scanId === scanId) void this.end(this.begun(this.run), outcome, counters)
    })
  }

  readonly engineFailed: ScanService['engineFailed'] = () => {
    if (this.run?.begun) void this.end(this.run, 'failed', this.run.view.progress.counters)
  }

  readonly onStop: ScanService['onStop'] = (listener) => {
    this.stopListener = listener
  }

  readonly onProgress: ScanService['onProgress'] = (listener) => {
    this.progressListeners.add(listener)
  }
}
