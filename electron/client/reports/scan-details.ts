// One scan that ended, as it can be opened in the reports: its numbers as they were then, its objects as they are now, and what of
// it is not known any more. Never a guess: what was not kept is missing.
import type { ScanTopic } from '#shared/domain/app-state.ts'
import { type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import type { ScanDetails } from '#shared/domain/reports.ts'
import type { ScanGaps } from '#shared/domain/scan.ts'
import { ProductError } from '#shared/errors.ts'
import type { Ledger } from '../detections/ledger.ts'
import type { History } from './history.ts'

export interface ScanDetailsQuery {
  /** Of the event with which the scan ended. */
  readonly id: string
  readonly history: Pick<History, 'find'>
  readonly ledger: Pick<Ledger, 'get'>
  /** What the one scan left out of which that is known. */
  readonly gapsOf: (scanId: string) => Pick<ScanGaps, 'objects'> | null
}

/** Throws `not-found` when the event is not kept any more, or is not the end of a scan. */
export function scanDetails({ id, history, ledger, gapsOf }: ScanDetailsQuery): ScanDetails {
  const known = history.find(id)
  if (known?.event.endOfScan === undefined) throw new ProductError('not-found')
  if (known.ended === undefined) return { ended: null, objects: [], forgotten: 0, unlisted: 0, notScanned: null }
  const { found, ...ended } = known.ended
  const objects = found.flatMap((detectionId) => ledger.get(detectionId)?.detection ?? []).sort(openFirst)
  return {
    ended,
    objects,
    forgotten: found.length - objects.length,
    unlisted: Math.max(0, ended.scan.totals.found - found.length),
    notScanned: gapsOf(ended.scan.scanId)?.objects ?? null,
  }
}

/** What somebody still has to decide about, then by place. */
function openFirst(a: Detection, b: Detection): number {
  return (
    Number(isUnprocessed(b.state)) - Number(isUnprocessed(a.state)) ||
    a.path.text.localeCompare(b.path.text, 'en', { numeric: true })
  )
}

/** The gaps of the last scan are kept until another one starts. */
export function gapsOfLast(
  { running, last }: Pick<ScanTopic, 'running' | 'last'>,
  gaps: () => ScanGaps | null,
): ScanDetailsQuery['gapsOf'] {
  return (scanId) => (running === null && last?.scanId === scanId ? gaps() : null)
}
