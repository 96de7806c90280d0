// One scan while it runs: its counters, what it found, and the work that its findings still cause.
// Owns the run's memory and its pure updates; the service talks to the engine.
import { randomUUID } from 'node:crypto'
import type { Detection } from '#shared/domain/detection.ts'
import type { DetectionId, ScanId } from '#shared/domain/ids.ts'
import { partialOf } from '#shared/domain/left-out-text.ts'
import { type EndedScan, endedScan } from '#shared/domain/reports.ts'
import {
  type FinishedScan,
  type GapCount,
  noCounters,
  type RunningScan,
  type ScanArea,
  type ScanProgress,
  type ScanTotals,
} from '#shared/domain/scan.ts'
import type { Finder } from './findings.ts'
import { areaKey, type ScanRequest } from './scan-areas.ts'

export interface ScanRun {
  readonly scanId: ScanId
  readonly request: ScanRequest
  readonly area: ScanArea
  readonly areaKey: string
  /** It was begun before the app was started. */
  readonly resumed: boolean
  readonly found: Set<DetectionId>
  /** Findings that could not be written down. */
  lost: number
  /** Matches whose names the settings exclude. */
  excluded: number
  readonly jobs: Set<Promise<void>>
  view: RunningScan
  /** The engine knows it. */
  begun: boolean
  stoppedBy: 'device' | 'portal' | null
  /** Its end is being recorded. */
  ending: boolean
  /** Resolves when somebody stops it. */
  readonly stopAsked: Promise<void>
  readonly askStop: () => void
  readonly finished: Promise<FinishedScan>
  readonly finish: (scan: FinishedScan) => void
}

export interface NewRun {
  readonly request: ScanRequest
  readonly area: ScanArea
  readonly startedAt: string
  readonly loadCeilingPercent: number
  /** The scan that goes on, else a new one. */
  readonly scanId?: ScanId
}

export function newRun({ request, area, startedAt, loadCeilingPercent, ...known }: NewRun): ScanRun {
  const scanId = known.scanId ?? (randomUUID() as ScanId)
  let finish: (scan: FinishedScan) => void = () => undefined
  const finished = new Promise<FinishedScan>((resolve) => {
    finish = resolve
  })
  let askStop: () => void = () => undefined
  const stopAsked = new Promise<void>((resolve) => {
    askStop = resolve
  })
  const view: RunningScan = {
    scanId,
    type: request.type,
    origin: request.origin,
    status: 'estimating',
    startedAt,
    loadCeilingPercent,
    progress: { percent: null, counters: noCounters, currentPath: '', leftMs: null },
    partial: 0,
    paths: (request.paths ?? []).slice(0, 20).map((path) => path.slice(0, 4096)),
  }
  return {
    scanId,
    request,
    area,
    areaKey: areaKey(request.type, area),
    resumed: known.scanId !== undefined,
    found: new Set(),
    lost: 0,
    excluded: 0,
    jobs: new Set(),
    view,
    begun: false,
    stopAsked,
    askStop: () => askStop(),
    stoppedBy: null,
    ending: false,
    finished,
    finish,
  }
}

/** The percentage never goes back, and what counts as found is what is listed. `gaps`: what was left out so far. */
export function withProgress(run: ScanRun, progress: ScanProgress, gaps: readonly GapCount[]): RunningScan {
  const before = run.view.progress.percent
  const percent = progress.percent === null ? before : Math.max(progress.percent, before ?? 0)
  const counters = { ...progress.counters, found: run.found.size + run.lost }
  const moving = percent === null ? 'estimating' : 'running'
  const status = run.view.status === 'paused' || run.view.status === 'stopping' ? run.view.status : moving
  return { ...run.view, status, progress: { ...progress, percent, counters }, partial: partialOf(gaps) }
}

/** As its findings tell it. */
export function finderOf({ request, scanId, found }: ScanRun): Finder {
  return { origin: request.origin, scanType: request.type, scanId, found }
}

/** News of a scan whose end is being recorded come too late. */
export function withRun(run: ScanRun | null, act: (run: ScanRun) => void): void {
  if (run && !run.ending) act(run)
}

export interface EndOfScan {
  readonly outcome: FinishedScan['outcome']
  readonly counters: FinishedScan['counters']
  readonly totals: ScanTotals
  readonly gapReasons: readonly GapCount[]
  readonly finishedAt: string
}

export function finishedScan(run: ScanRun, end: EndOfScan): FinishedScan {
  const { scanId, type, origin, startedAt, paths } = run.view
  const totals = { ...end.totals, found: end.totals.found + run.lost, failed: end.totals.failed + run.lost }
  return {
    scanId,
    type,
    origin,
    outcome: end.outcome,
    ...(end.outcome === 'stopped' && run.stoppedBy ? { stoppedBy: run.stoppedBy } : {}),
    startedAt,
    finishedAt: end.finishedAt,
    counters: { ...end.counters, found: totals.found, excluded: end.counters.excluded + run.excluded },
    totals,
    gapReasons: [...end.gapReasons],
    paths,
  }
}

/** What the reports keep of it; `found`: all that belongs to it. */
export function endOfRun({ area }: ScanRun, scan: FinishedScan, found: readonly Pick<Detection, 'id'>[]): EndedScan {
  const places = area.kind === 'paths' ? area.paths.map(({ text }) => text.slice(0, 4096)) : []
  return endedScan({ scan, area: places, found: found.map(({ id }) => id) })
}
