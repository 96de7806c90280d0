// Runs scans: one at a time, local or remote, with the same policy for both. Findings go to the ledger before they are
// treated. Never looks at a file itself; the engine does.
import type { ScanTopic } from '#shared/domain/app-state.ts'
import type { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { decide } from '#shared/domain/policy.ts'
import type { FinishedScan, RunningScan, ScanProgress } from '#shared/domain/scan.ts'
import { codeOf, type ErrorCode, ProductError } from '#shared/errors.ts'
import type { FoundObject, Ledger } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { ClientPorts, Clock, EngineConnection, LogPort } from '../ports.ts'
import type { History } from '../reports/history.ts'
import { scanFinished, scanStarted } from '../reports/sentences.ts'
import type { SettingsService } from '../settings/settings-service.ts'
import { isoNow } from '../state/clock.ts'
import type { Topics } from '../state/topics.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'
import { areaKey, areaOf, optionsOf, type ScanRequest } from './scan-areas.ts'
import type { ScanRecords } from './scan-records.ts'
import { type EndOfScan, finishedScan, newRun, notScannedLimit, notScannedView, type ScanRun, withProgress } from './scan-run.ts'
import { isOfCommand, totalsOf } from './scan-totals.ts'

export interface ScanService {
  /** Shows the last scans and records one that an earlier run left unfinished. */
  load(): Promise<void>
  /** Throws `already-running`, `bad-path`, `engine-unavailable`. */
  start(request: ScanRequest): Promise<{ readonly scanId: ScanId; readonly finished: Promise<FinishedScan> }>
  /** Throws `scan-unknown` when nothing runs. `by`: where a stop comes from. */
  control(action: 'pause' | 'resume' | 'stop', by: 'device' | 'portal'): Promise<void>
  running(): RunningScan | null
  notScanned(offset: number, limit: number): { total: number; objects: ScanTopic['notScanned'] }
  listen(connection: EngineConnection): void
  /** Ends the running scan as failed: the engine does not come back. */
  engineFailed(): void
  /** Called before a stop is carried out, so that it can be written down first. */
  onStop(listener: (scan: RunningScan, by: 'device' | 'portal') => Promise<void>): void
  onProgress(listener: (scan: RunningScan) => void): void
}

export interface ScanDeps {
  readonly engine: EngineService
  readonly ledger: Ledger
  readonly treatment: TreatmentService
  readonly records: ScanRecords
  readonly settings: SettingsService
  readonly topics: Topics
  readonly history: History
  readonly clock: Clock
  readonly log: LogPort
  readonly ports: Pick<ClientPorts, 'dataDir' | 'areaOverrides'>
}

const lostCodes: ReadonlySet<ErrorCode> = new Set(['peer-gone', 'engine-unavailable', 'scan-unknown', 'deadline-exceeded'])

export function createScanService(deps: ScanDeps): ScanService {
  const { engine, ledger, records, settings, topics, history, clock, log } = deps
  let run: ScanRun | null = null
  let notScanned: ScanTopic['notScanned'] = []
  let notScannedCount = 0
  let stopListener: (scan: RunningScan, by: 'device' | 'portal') => Promise<void> = async () => undefined
  const progressListeners = new Set<(scan: RunningScan) => void>()

  async function start(request: ScanRequest) {
    if (run) throw new ProductError('already-running')
    const area = areaOf(request, settings.get(), deps.ports.areaOverrides)
    const options = optionsOf(request.origin, settings.get(), deps.ports.dataDir)
    const mine = newRun(request, areaKey(request.type, area), isoNow(clock), options.loadCeilingPercent)
    run = mine
    try {
      await engine.usable()
      await records.started(mine.view)
      const expectedFiles = records.expectedFiles(mine.areaKey)
      notScanned = []
      notScannedCount = 0
      show(mine.view)
      await engine.call('scan.start', { scanId: mine.scanId, area, options, expectedFiles, resume: false })
    } catch (error) {
      run = null
      topics.update('scan', (topic) => ({ ...topic, running: null }))
      await records.notStarted().catch(() => undefined)
      throw error
    }
    history.add(scanStarted(request.type, request.origin))
    return { scanId: mine.scanId, finished: mine.finished }
  }

  function show(view: RunningScan, options?: { lazy: boolean }): void {
    topics.update('scan', (topic) => ({ ...topic, running: view, notScanned: notScanned.slice(-50).reverse() }), options)
    for (const listener of progressListeners) listener(view)
  }

  function progressed(mine: ScanRun, progress: ScanProgress): void {
    if (mine.ending) return
    const before = mine.view.status
    mine.view = withProgress(mine, progress)
    show(mine.view, { lazy: before === mine.view.status })
  }

  function detected(mine: ScanRun, objects: readonly DetectedObject[]): void {
    const job = treatFindings(mine, objects)
      .catch((error: unknown) => {
        mine.lost += objects.length
        log.error('findings could not be recorded', { code: codeOf(error), error: String(error) })
      })
      .finally(() => mine.jobs.delete(job))
    mine.jobs.add(job)
  }

  async function treatFindings(mine: ScanRun, objects: readonly DetectedObject[]): Promise<void> {
    const { treatment: rules } = settings.get()
    const { origin, type } = mine.request
    const found = objects.flatMap((object): FoundObject[] => {
      const decision = decide(object, rules, origin)
      if (decision.kind === 'ignore') return []
      if (decision.kind === 'treat') return [{ object, state: 'found', act: decision.verb }]
      return [{ object, state: decision.kind === 'keep' ? 'kept' : 'found', act: null }]
    })
    const context = {
      at: isoNow(clock),
      origin,
      scanType: type,
      scanId: mine.scanId,
      excludedThreats: rules.excludedThreats,
      databaseVersion: engine.info()?.databases.version ?? '',
    }
    const entries = await ledger.record(found, context)
    for (const { detection } of entries) mine.found.add(detection.id)
    await deps.treatment.carryOut(entries.filter(({ intent }) => intent).map(({ detection }) => detection.id))
  }

  function sawNotScanned(objects: readonly NotScannedObject[]): void {
    notScannedCount += objects.length
    notScanned.push(...objects.map(notScannedView))
    if (notScanned.length > notScannedLimit) notScanned = notScanned.slice(-notScannedLimit)
  }

  /** Waits for the treatment of everything that was found, then records the end. */
  async function end(mine: ScanRun, outcome: FinishedScan['outcome'], counters: FinishedScan['counters']): Promise<void> {
    if (mine.ending) return
    mine.ending = true
    while (mine.jobs.size > 0) await Promise.all(mine.jobs)
    const touched = [...ledger.entries()].map(({ detection }) => detection).filter((one) => mine.found.has(one.id) || isOfCommand(one, mine.request.origin))
    const how: EndOfScan = { outcome: mine.stoppedBy && outcome !== 'completed' ? 'stopped' : outcome, counters, totals: totalsOf(touched), finishedAt: isoNow(clock) }
    const scan = finishedScan(mine, how)
    try {
      await records.finished(scan, mine.areaKey)
    } catch (error) {
      log.error('end of scan could not be recorded', { error: String(error) })
    }
    if (run === mine) run = null
    topics.update('scan', () => ({ running: null, ...records.last(), notScanned: notScanned.slice(-50).reverse() }))
    history.add(scanFinished(scan))
    mine.finish(scan)
  }

  /** Events of a scan that nobody waits for any more end it. */
  function current(scanId: ScanId): ScanRun | null {
    if (run?.scanId === scanId) return run
    engine.call('scan.control', { scanId, action: 'stop' }).catch(() => undefined)
    return null
  }

  async function control(action: 'pause' | 'resume' | 'stop', by: 'device' | 'portal'): Promise<void> {
    const mine = run
    if (!mine || mine.ending) throw new ProductError('scan-unknown')
    if (action === 'stop') return stop(mine, by)
    if (mine.view.status === 'stopping') throw new ProductError('scan-unknown')
    await engine.call('scan.control', { scanId: mine.scanId, action })
    const resumed = mine.view.progress.percent === null ? 'estimating' : 'running'
    mine.view = { ...mine.view, status: action === 'pause' ? 'paused' : resumed }
    show(mine.view)
  }

  async function stop(mine: ScanRun, by: 'device' | 'portal'): Promise<void> {
    if (!mine.stoppedBy) {
      mine.stoppedBy = by
      await stopListener(mine.view, by)
    }
    mine.view = { ...mine.view, status: 'stopping' }
    show(mine.view)
    try {
      await engine.call('scan.control', { scanId: mine.scanId, action: 'stop' })
    } catch (error) {
      if (!lostCodes.has(codeOf(error))) throw error
      // No engine that could answer: what it did so far counts.
      await end(mine, 'stopped', mine.view.progress.counters)
    }
  }

  return {
    async load() {
      await records.load()
      const interrupted = await records.takeInterrupted(isoNow(clock), (scanId) =>
        totalsOf([...ledger.entries()].map(({ detection }) => detection).filter((one) => one.scanId === scanId)),
      )
      if (interrupted) history.add(scanFinished(interrupted))
      topics.update('scan', (topic) => ({ ...topic, ...records.last() }))
    },
    start,
    control,
    running: () => run?.view ?? null,
    notScanned: (offset, limit) => ({
      total: notScannedCount,
      objects: [...notScanned].reverse().slice(offset, offset + limit),
    }),
    listen({ client }) {
      client.on('scan.progress', ({ scanId, progress }) => withRun(current(scanId), (mine) => progressed(mine, progress)))
      client.on('scan.detected', ({ scanId, objects }) => withRun(current(scanId), (mine) => detected(mine, objects)))
      client.on('scan.notScanned', ({ scanId, objects }) => withRun(current(scanId), () => sawNotScanned(objects)))
      client.on('scan.finished', ({ scanId, outcome, counters }) => {
        if (run?.scanId === scanId) void end(run, outcome, counters)
      })
    },
    engineFailed() {
      if (run) void end(run, 'failed', run.view.progress.counters)
    },
    onStop: (listener) => {
      stopListener = listener
    },
    onProgress: (listener) => {
      progressListeners.add(listener)
    },
  }
}

function withRun(run: ScanRun | null, act: (run: ScanRun) => void): void {
  if (run && !run.ending) act(run)
}
