// What an act that a person asked for means for the engine, and how it ended for the person. Pure.
import { type Detection, type DetectionAction, isUnprocessed } from '#shared/domain/detection.ts'
import type { Finding } from '#shared/domain/object-report.ts'
import type { ErrorCode } from '#shared/errors.ts'
import type { TreatmentIntent } from '#shared/files/detection-lines.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'

export type Act = TreatmentIntent['act']

const verbs: Record<Exclude<DetectionAction, 'skip'>, Act> = {
  process: 'disinfect-or-delete',
  disinfect: 'disinfect-or-delete',
  delete: 'delete',
  'copy-to-quarantine': 'copy-to-quarantine',
  restore: 'restore',
  'restore-and-exclude': 'restore',
}

export function verbFor(action: Exclude<DetectionAction, 'skip'>): Act {
  return verbs[action]
}

/** What a person acts on: everything that counts. */
export function countedFindings(findings: readonly Finding[], excluded: readonly string[]): Finding[] {
  const counted = findings.filter(({ threat }) => !excluded.includes(threat))
  return counted.length > 0 ? counted : [...findings]
}

/** How an act on one object ended. */
export type ActEnd = 'done' | 'failed' | 'needRestart'

/** True when nothing is left to do for what was asked. */
export function isDone(detection: Detection, act: Act): boolean {
  return act === 'restore' ? detection.state === 'restored' : !isUnprocessed(detection.state)
}

export function resultOf(detection: Detection, act: Act): ActEnd {
  if (detection.state === 'at-restart') return 'needRestart'
  return isDone(detection, act) ? 'done' : 'failed'
}

/** What a message about several acts says. `reason`: why the first of them failed. */
export function countsOf(ends: readonly (ActEnd | null)[], reason?: ErrorCode): ActResult {
  const count = (kind: ActEnd) => ends.filter((end) => end === kind).length
  const counts = { done: count('done'), failed: count('failed'), needRestart: count('needRestart') }
  return reason === undefined || counts.failed === 0 ? counts : { ...counts, reason }
}

/** The engine went away under an order: it is given once more. */
export const lostCodes: ReadonlySet<ErrorCode> = new Set(['peer-gone', 'engine-unavailable', 'engine-crash'])

/** After these nobody knows whether the order was, or still is, carried out. */
export const openCodes: ReadonlySet<ErrorCode> = new Set([
  ...lostCodes,
  'deadline-exceeded',
  'aborted',
  'disk-full',
  'io-error',
  'bad-response',
  'internal',
])
