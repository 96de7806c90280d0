// What an act that a person asked for means for the engine, and how it ended for the person. Pure.
import { actionsFor, type Detection, type DetectionAction, isUnprocessed } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
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

/** The same with why it failed. */
export interface Acted {
  readonly end: ActEnd
  readonly reason?: ErrorCode | undefined
}

/** True when nothing is left to do for what was asked. */
function isDone(detection: Detection, act: Act): boolean {
  return act === 'restore' ? detection.state === 'restored' : !isUnprocessed(detection.state)
}

/** How an act ends that has nothing to do; null where it has. */
export function endWithout(detection: Detection, action: Exclude<DetectionAction, 'skip'>): Acted | null {
  const asked = action === 'process' ? 'disinfect' : action
  // A copy was made and the original left on purpose: only who asks for that by name changes it.
  const isLeft = action === 'process' && !isUnprocessed(detection.state)
  if (!isLeft && actionsFor(detection).includes(asked)) return null
  const act = verbFor(action)
  if (isDone(detection, act)) return { end: 'done' }
  return { end: 'failed', reason: act === 'restore' ? whyNoCopy(detection) : detection.reason }
}

/** How an act on an object ended; `failed` where nobody knows it any more. */
export function endOf(detection: Detection | undefined, act: Act): Acted {
  if (detection?.state === 'at-restart') return { end: 'needRestart' }
  if (detection && isDone(detection, act)) return { end: 'done' }
  return { end: 'failed', reason: detection?.reason }
}

/**
 * What a message about several acts says, with every one that failed and why the first of them did. `ends`: in the order of
 * `ids`; null: one that was not begun.
 */
export function tallyOf(ids: readonly DetectionId[], ends: readonly (Acted | null)[]): ActResult {
  const count = (kind: ActEnd) => ends.filter((one) => one?.end === kind).length
  const failures = ids.flatMap((id, at) => {
    const one = ends[at]
    if (one?.end !== 'failed') return []
    return [one.reason === undefined ? { id } : { id, reason: one.reason }]
  })
  const reason = failures[0]?.reason
  return {
    ...{ done: count('done'), failed: failures.length, needRestart: count('needRestart') },
    ...(reason === undefined ? {} : { reason }),
    ...(failures.length > 0 ? { failures } : {}),
  }
}

/** Why a copy cannot be restored before it is tried; undefined: it may be. */
export function whyNoCopy({
  state,
  quarantineId,
  copyCondition,
}: Pick<Detection, 'state' | 'quarantineId' | 'copyCondition'>): ErrorCode | undefined {
  if (state !== 'disinfected' && state !== 'deleted' && state !== 'quarantined') return undefined
  if (quarantineId === undefined) return 'copy-gone'
  if (copyCondition === 'damaged') return 'vault-damaged'
  return copyCondition === 'key-lost' ? 'vault-key-lost' : undefined
}

/** The engine went away under an order: it is given once more. */
export const lostCodes: ReadonlySet<ErrorCode> = new Set(['peer-gone', 'engine-unavailable', 'engine-crash'])

/** The disk failed in the middle of it: what it left has to be looked at. */
export const diskCodes: ReadonlySet<ErrorCode> = new Set(['disk-full', 'io-error'])

/** After these nobody knows whether the order was, or still is, carried out. */
export const openCodes: ReadonlySet<ErrorCode> = new Set([
  ...lostCodes,
  ...diskCodes,
  'deadline-exceeded',
  'aborted',
  'bad-response',
  'internal',
])
