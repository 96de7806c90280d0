// What an act that a person asked for means for the engine, and how it ended for the person. Pure.
import { actionsFor, type Detection, type DetectionAction, isUnprocessed } from '#shared/domain/detection.ts'
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
function isDone(detection: Detection, act: Act): boolean {
  return act === 'restore' ? detection.state === 'restored' : !isUnprocessed(detection.state)
}

/** How an act ends that has nothing to do; null where it has. */
export function endWithout(detection: Detection, action: Exclude<DetectionAction, 'skip'>): ActEnd | null {
  const asked = action === 'process' ? 'disinfect' : action
  // A copy was made and the original left on purpose: only who asks for that by name changes it.
  const isLeft = action === 'process' && !isUnprocessed(detection.state)
  if (!isLeft && actionsFor(detection).includes(asked)) return null
  return isDone(detection, verbFor(action)) ? 'done' : 'failed'
}

/** How an act on an object ended; `failed` where nobody knows it any more. */
export function endOf(detection: Detection | undefined, act: Act): ActEnd {
  if (!detection) return 'failed'
  if (detection.state === 'at-restart') return 'needRestart'
  return isDone(detection, act) ? 'done' : 'failed'
}

/** What a message about several acts says. `reason`: why the first of them failed. */
function countsOf(ends: readonly (ActEnd | null)[], reason?: ErrorCode): ActResult {
  const count = (kind: ActEnd) => ends.filter((end) => end === kind).length
  const counts = { done: count('done'), failed: count('failed'), needRestart: count('needRestart') }
  return reason === undefined || counts.failed === 0 ? counts : { ...counts, reason }
}

/** The same about each of these objects, with every one that failed. */
export function tallyOf(
  ids: readonly string[],
  ends: readonly (ActEnd | null)[],
  detectionOf: (id: string) => Detection | undefined,
): ActResult {
  const failed = ids.filter((_id, at) => ends[at] === 'failed').map(detectionOf)
  const known = failed.filter((detection) => detection !== undefined)
  const failures = known.map(({ id, reason }) => (reason === undefined ? { id } : { id, reason }))
  return { ...countsOf(ends, failed[0]?.reason), ...(failures.length > 0 ? { failures } : {}) }
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
