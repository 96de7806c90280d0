// What was done with what a scan found, from the detections as they are now. Pure.
import type { Detection, DetectionState } from '#shared/domain/detection.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { noTotals, type ScanTotals } from '#shared/domain/scan.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { ScanRun } from './scan-run.ts'

const countedAs: Record<DetectionState, Exclude<keyof ScanTotals, 'found'> | null> = {
  disinfected: 'disinfected',
  deleted: 'deleted',
  found: 'kept',
  kept: 'kept',
  skipped: 'kept',
  quarantined: 'kept',
  restored: 'kept',
  changed: 'failed',
  protected: 'failed',
  'backup-failed': 'failed',
  failed: 'failed',
  'at-restart': 'atRestart',
  gone: null,
}

/** `gone` counts as found only: nothing was done with it. */
export function totalsOf(detections: Iterable<Pick<Detection, 'state'>>): ScanTotals {
  const totals = { ...noTotals }
  for (const { state } of detections) {
    totals.found += 1
    const field = countedAs[state]
    if (field) totals[field] += 1
  }
  return totals
}

/** Findings that are not reported because the settings exclude their names. */
export function excludedMatches(objects: readonly DetectedObject[], names: readonly string[]): number {
  return objects.flatMap(({ findings }) => findings).filter(({ threat }) => names.includes(threat)).length
}

/** True for what a run found or went on with. */
export function belongsTo(
  { found, scanId, request }: Pick<ScanRun, 'found' | 'scanId' | 'request'>,
  detection: Pick<Detection, 'id' | 'scanId' | 'foundBy'>,
): boolean {
  return found.has(detection.id) || detection.scanId === scanId || isOfCommand(detection, request.origin)
}

/** True for what an earlier attempt of the same remote command found: it belongs to the command's totals too. */
function isOfCommand(detection: Pick<Detection, 'foundBy'>, origin: Origin): boolean {
  return (
    origin.kind === 'remote' && detection.foundBy.kind === 'remote' && detection.foundBy.commandId === origin.commandId
  )
}
