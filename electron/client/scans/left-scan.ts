// The scan that ran when the app ended: whether it goes on from the engine's checkpoint (G12) or is recorded as interrupted.
// Owns that decision; the scan service starts it.
import { type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import type { ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { endedScan } from '#shared/domain/reports.ts'
import type { FinishedScan } from '#shared/domain/scan.ts'
import type { ScansFile } from '#shared/files/scans-file.ts'
import type { Ledger } from '../detections/ledger.ts'
import { detectionKey } from '../detections/transitions.ts'
import type { Clock } from '../ports.ts'
import type { History } from '../reports/history.ts'
import { scanFinished } from '../reports/sentences.ts'
import { isoNow } from '../state/clock.ts'
import type { ScanRequest } from './scan-areas.ts'
import type { ScanRecords } from './scan-records.ts'
import { totalsOf } from './scan-totals.ts'

export type LeftScan = NonNullable<ScansFile['running']>

export interface LeftScans {
  /** Call when the records are loaded. */
  load(): Promise<void>
  /** A full scan takes hours: it goes on without being asked. Others are started again by whoever wants them. */
  goesOn(): ScanRequest | null
  /** What a scan that is being started goes on with; null for a new one. Whatever else was left is over then. */
  take(request: ScanRequest): Pick<LeftScan, 'scanId' | 'startedAt'> | null
  /** The engine tells again what a scan had found before: what this scan has dealt with, and what is still to be done. */
  sorted(
    scanId: ScanId,
    told: readonly DetectedObject[],
  ): { readonly processed: readonly Detection['id'][]; readonly open: readonly DetectedObject[] }
}

export interface LeftScanDeps {
  readonly records: ScanRecords
  readonly ledger: Pick<Ledger, 'entries'>
  readonly history: Pick<History, 'add'>
  readonly clock: Clock
}

/** The engine keeps its checkpoints as long. */
const keptMs = 7 * 24 * 3_600_000

export function createLeftScans({ records, ledger, history, clock }: LeftScanDeps): LeftScans {
  let left: LeftScan | null = null
  let resumed: ScanId | null = null

  const detectionsOf = (scanId: string) =>
    [...ledger.entries()].map(({ detection }) => detection).filter((detection) => detection.scanId === scanId)

  const endOf = (scan: FinishedScan) =>
    endedScan({
      scan,
      area: scan.type === 'custom' ? scan.paths : null,
      found: detectionsOf(scan.scanId).map(({ id }) => id),
    })

  return {
    async load() {
      const known = records.left()
      left = known && canGoOn(known, Date.parse(isoNow(clock))) ? known : null
      if (left && goesOnByItself(left)) return
      const interrupted = await records.takeInterrupted(isoNow(clock), (scanId) => totalsOf(detectionsOf(scanId)))
      if (interrupted) history.add(scanFinished(interrupted), endOf(interrupted))
    },
    goesOn: () => (left && goesOnByItself(left) ? { type: left.type, origin: left.origin, paths: left.paths } : null),
    take(request) {
      const known = left
      left = null
      if (!known || !isSame(known, request)) return null
      resumed = known.scanId
      return { scanId: known.scanId, startedAt: known.startedAt }
    },
    sorted(scanId, told) {
      if (scanId !== resumed) return { processed: [], open: told }
      const done = new Map(
        detectionsOf(scanId)
          .filter(({ state }) => !isUnprocessed(state))
          .map(({ id, path, sha256 }) => [detectionKey(path, sha256), id] as const),
      )
      const idOf = ({ path, identity }: DetectedObject) => done.get(detectionKey(path, identity.sha256))
      return {
        processed: told.flatMap((object) => idOf(object) ?? []),
        open: told.filter((object) => idOf(object) === undefined),
      }
    },
  }
}

/** False when too much may have changed since. A clock that was set back counts as too long. */
function canGoOn({ startedAt }: LeftScan, nowMs: number): boolean {
  const age = nowMs - Date.parse(startedAt)
  return age >= 0 && age < keptMs
}

function goesOnByItself({ type, origin }: LeftScan): boolean {
  return type === 'full' && origin.kind !== 'remote'
}

/** The remote command that the scan belonged to, or the same local scan. */
function isSame({ type, origin }: LeftScan, request: ScanRequest): boolean {
  if (origin.kind === 'remote' || request.origin.kind === 'remote') {
    return origin.kind === 'remote' && request.origin.kind === 'remote' && origin.commandId === request.origin.commandId
  }
  return type === 'full' && request.type === 'full'
}
