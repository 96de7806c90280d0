// The words and icons of scans: their names, who started them, how they go and end, and how much was looked at.
// "Nothing found" is never written as "clean", and never stands alone where something was left out.

import type { Detection } from '#shared/domain/detection.ts'
import type { ComponentId, ComponentState } from '#shared/domain/device.ts'
import {
  gapReasonText,
  gapText,
  isAnythingLeftOut,
  type LeftOut,
  leftOutOf,
  leftOutParts,
} from '#shared/domain/left-out-text.ts'
import type { FinishedScan, RunningScan, ScanTotals, ScanType } from '#shared/domain/scan.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { Coverage } from '#shared/domain/verdict.ts'
import { formatCount, formatPercent, plural } from '../format/count.ts'
import { formatLeft } from '../format/duration.ts'
import type { StatusKind } from '../StatusIcon.tsx'

const scanNames: Record<ScanType, string> = { quick: 'Quick Scan', full: 'Full Scan', custom: 'Custom Scan' }

/** The fixed name of a scan type. */
export function scanName(type: ScanType): string {
  return scanNames[type]
}

const scanAreas: Record<ScanType, string> = {
  quick: 'The places threats start from',
  full: 'Everything on this computer and its drives',
  custom: 'Files and folders that you choose',
}

/** What a scan type looks at where no places are named. */
export function scanPlaces(type: ScanType): string {
  return scanAreas[type]
}

const foundByNames: Record<Detection['scanType'], string> = {
  ...scanNames,
  'real-time': 'File protection',
  rescan: 'Second look',
}

/** What detected an object. */
export function foundByName(scanType: Detection['scanType']): string {
  return foundByNames[scanType]
}

/** The same for a name that came from the portal; what is not known is shown as it is. */
export function foundByWords(name: string): string {
  return name in foundByNames ? foundByNames[name as Detection['scanType']] : name
}

/** Who asked: "by you", "remotely by anna@…", "by schedule". `self`: the address of the reader. */
export function originText(origin: Origin, self?: string): string {
  switch (origin.kind) {
    case 'local':
      return 'on the device'
    case 'real-time':
      return 'by File protection'
    case 'schedule':
      return 'by schedule'
    case 'restart':
      return 'after the restart'
    case 'remote':
      return origin.account === self ? 'by you' : `remotely by ${origin.account}`
  }
}

/** "37 %, about 21 min left", "Estimating", "Paused at 37 %". */
export function scanProgressText(scan: Pick<RunningScan, 'status' | 'progress'>): string {
  const { percent, leftMs } = scan.progress
  if (scan.status === 'stopping') return 'stopping'
  if (scan.status === 'paused') return percent === null ? 'paused' : `paused at ${formatPercent(percent)}`
  if (percent === null) return 'estimating'
  return leftMs === null
    ? formatPercent(percent)
    : `${formatPercent(percent)}, ${formatLeft(leftMs).replace(/^./, (c) => c.toLowerCase())}`
}

/** "412,308 scanned, 3 found". */
export function scanCountsText(counters: { readonly objects: number; readonly found: number }): string {
  return `${formatCount(counters.objects)} scanned, ${formatCount(counters.found)} found`
}

type Ended = Pick<FinishedScan, 'outcome' | 'totals' | 'counters' | 'gapReasons'>

/** How a finished scan ended, in a few words; what it left out is always among them. */
export function scanOutcomeText(scan: Ended & Pick<FinishedScan, 'stoppedBy'>): string {
  return [endedText(scan), ...leftOutParts(leftOutOf(scan), formatCount)].join(', ')
}

function endedText({ outcome, stoppedBy, totals }: Ended & Pick<FinishedScan, 'stoppedBy'>): string {
  switch (outcome) {
    case 'completed':
      return totals.found > 0 ? `${plural(totals.found, 'object', 'objects')} found` : 'Nothing found'
    case 'stopped':
      if (stoppedBy === undefined) return 'Stopped'
      return stoppedBy === 'device' ? 'Stopped on the device' : 'Stopped from the portal'
    case 'failed':
      return 'Failed'
    case 'interrupted':
      return 'Interrupted'
  }
}

/** The icon of a finished scan. Good only when it looked at everything and nothing is left to do. */
export function scanStatus(scan: Ended): StatusKind {
  if (scan.outcome === 'stopped') return 'stopped'
  if (scan.outcome !== 'completed') return 'danger'
  return scanResultStatus(scan.totals, leftOutOf(scan))
}

/** The same for a scan that got to its end, from its numbers. */
export function scanResultStatus({ failed, kept, atRestart }: ScanTotals, leftOut: LeftOut): StatusKind {
  if (failed > 0) return 'danger'
  if (kept + atRestart > 0) return 'attention'
  return isAnythingLeftOut(leftOut) ? 'info' : 'good'
}

/** "Scanned in part: too big, damaged"; undefined where all of it was looked at. */
export function coverageText(coverage: Coverage): string | undefined {
  switch (coverage.kind) {
    case 'full':
      return undefined
    case 'none':
      return gapText({ reason: coverage.reason, partial: false })
    case 'partial':
      return `Scanned in part: ${coverage.reasons.map(gapReasonText).join(', ')}`
  }
}

const componentNames: Record<ComponentId, string> = {
  'on-demand-scan': 'Scan on request',
  'file-protection': 'File protection',
  'background-scan': 'Background Scan',
  'removable-drives': 'Removable drives',
  'automatic-updates': 'Automatic updates',
}

/** The name of a protection component. */
export function componentName(id: ComponentId): string {
  return componentNames[id]
}

const componentStates: Record<(typeof ComponentState)['enum'][keyof (typeof ComponentState)['enum']], string> = {
  on: 'On',
  off: 'Off',
  paused: 'Paused',
  failed: 'Failed',
  'not-available': 'Not available in this version',
}

/** How a component is, in words. */
export function componentStateText(state: keyof typeof componentStates): string {
  return componentStates[state]
}
