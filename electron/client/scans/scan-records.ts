// scans.json: the last scans, and the one that runs so that an interruption is noticed at the next start.
// Owns the document, never a running scan.
import type { ScanTopic } from '#shared/domain/app-state.ts'
import { type FinishedScan, noCounters, type RunningScan } from '#shared/domain/scan.ts'
import { ScansFile } from '#shared/files/scans-file.ts'
import type { Storage } from '../storage/storage.ts'

export interface ScanRecords {
  load(): Promise<void>
  last(): Pick<ScanTopic, 'last' | 'lastByType'>
  lastCompletedAt(): LastCompleted
  expectedFiles(areaKey: string): number
  started(scan: RunningScan): Promise<void>
  /** The engine refused it: it never ran. */
  notStarted(): Promise<void>
  finished(scan: FinishedScan, areaKey: string): Promise<void>
  /** The scan that ran when the app ended. */
  left(): ScansFile['running']
  /** The scan that ran when the app ended without finishing it; told once. */
  takeInterrupted(now: string, totals: (scanId: string) => FinishedScan['totals']): Promise<FinishedScan | null>
}

export type LastCompleted = NonNullable<ScansFile['lastCompletedAt']>

const empty: ScansFile = {
  version: 1,
  running: null,
  last: null,
  lastByType: { quick: null, full: null, custom: null },
  expectedFiles: {},
}
const keptAreas = 50

export function createScanRecords(storage: Storage): ScanRecords {
  let file = empty
  let write: (value: ScansFile) => Promise<void> = async () => undefined

  function save(next: ScansFile): Promise<void> {
    file = next
    return write(next)
  }

  /** Files of earlier versions only have the last scans. */
  function completedAt(): LastCompleted {
    const ended = (scan: FinishedScan | null) => (scan?.outcome === 'completed' ? scan.finishedAt : null)
    const { quick, full, custom } = file.lastByType
    return file.lastCompletedAt ?? { quick: ended(quick), full: ended(full), custom: ended(custom) }
  }

  function withLast(scan: FinishedScan): ScansFile {
    const before = completedAt()
    const lastCompletedAt = scan.outcome === 'completed' ? { ...before, [scan.type]: scan.finishedAt } : before
    return {
      ...file,
      running: null,
      last: scan,
      lastByType: { ...file.lastByType, [scan.type]: scan },
      lastCompletedAt,
    }
  }

  return {
    async load() {
      const opened = await storage.openDocument('scans.json', ScansFile)
      write = opened.save
      file = opened.value ?? empty
    },
    last: () => ({ last: file.last, lastByType: file.lastByType }),
    lastCompletedAt: completedAt,
    expectedFiles: (key) => file.expectedFiles[key] ?? 0,
    left: () => file.running,
    started({ scanId, type, origin, startedAt, paths }) {
      return save({ ...file, running: { scanId, type, origin, startedAt, paths } })
    },
    notStarted: () => save({ ...file, running: null }),
    finished(scan, key) {
      const next = withLast(scan)
      if (scan.outcome !== 'completed') return save(next)
      const others = Object.entries(file.expectedFiles).filter(([name]) => name !== key)
      const kept = [...others, [key, scan.counters.files] as const].slice(-keptAreas)
      return save({ ...next, expectedFiles: Object.fromEntries(kept) })
    },
    async takeInterrupted(now, totals) {
      if (!file.running) return null
      const scan: FinishedScan = {
        ...file.running,
        outcome: 'interrupted',
        finishedAt: now,
        counters: noCounters,
        totals: totals(file.running.scanId),
        gapReasons: [],
      }
      // What the last whole scan of this type said stays more useful than an interruption.
      await save({ ...file, running: null, last: scan })
      return scan
    },
  }
}
