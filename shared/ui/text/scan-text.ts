// The words of scans: their names, who started them, how they go and end, and why something was not scanned.
// Owns sentences only. "Nothing found" is never written as "clean".

import type { Detection } from '#shared/domain/detection.ts'
import type { ComponentId, ComponentState } from '#shared/domain/device.ts'
import type { FinishedScan, RunningScan, ScanType } from '#shared/domain/scan.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { formatCount, formatPercent, plural } from '../format/count.ts'
import { formatLeft } from '../format/duration.ts'

const scanNames: Record<ScanType, string> = { quick: 'Quick Scan', full: 'Full Scan', custom: 'Custom Scan' }

/** The fixed name of a scan type. */
export function scanName(type: ScanType): string {
  return scanNames[type]
}

const foundByNames: Record<Detection['scanType'], string> = {
  ...scanNames,
  'real-time': 'File protection',
  rescan: 'Scan after restart',
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

/** How a finished scan ended, in a few words. */
export function scanOutcomeText(scan: Pick<FinishedScan, 'outcome' | 'stoppedBy' | 'totals' | 'counters'>): string {
  switch (scan.outcome) {
    case 'completed':
      if (scan.totals.found > 0) return `${plural(scan.totals.found, 'object', 'objects')} found`
      // "Nothing found" alone would sound as if everything had been looked at.
      return scan.counters.notScanned > 0
        ? `Nothing found, ${formatCount(scan.counters.notScanned)} not scanned`
        : 'Nothing found'
    case 'stopped':
      if (scan.stoppedBy === undefined) return 'Stopped'
      return scan.stoppedBy === 'device' ? 'Stopped on the device' : 'Stopped from the portal'
    case 'failed':
      return 'Failed'
    case 'interrupted':
      return 'Interrupted'
  }
}

const notScannedReasons: Record<NotScannedReason, string> = {
  encrypted: 'password-protected',
  corrupt: 'damaged',
  unsupported: 'format not supported',
  'too-big': 'too big',
  bomb: 'unpacks to too much data',
  recursion: 'too deeply nested',
  'member-count': 'too many files inside',
  'time-limit': 'took too long',
  overlapping: 'parts overlap',
  packer: 'packed with an unknown packer',
  'no-access': 'no access',
  vanished: 'no longer there',
  changed: 'changed while it was read',
  'special-file': 'special file',
  'io-error': 'disk error',
  'engine-crash': 'the scanner engine stopped on it',
  'engine-timeout': 'the scanner engine did not answer in time',
  'rules-unavailable': 'rules could not be loaded',
  split: 'only one part of a split archive',
  truncated: 'ends too early',
  'second-engine': 'not wholly checked by the second engine',
}

/** "Not scanned: REASON". */
export function notScannedText(reason: NotScannedReason): string {
  return `Not scanned: ${notScannedReasons[reason]}`
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
