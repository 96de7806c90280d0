// How a detection changes: found, found again, act begun, act ended. Pure functions from one detection to the next; every
// change raises its revision and, where the state changes, leaves a step in its history.
import { actsText, entryCount } from '#shared/domain/acts-text.ts'
import {
  type Detection,
  type DetectionState,
  type DetectionStep,
  isUnprocessed,
  type StepEvent,
} from '#shared/domain/detection.ts'
import type { DetectionId, ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject, Finding } from '#shared/domain/object-report.ts'
import { shortened } from '#shared/domain/shortened.ts'
import { isAutomatic, type Origin, ProtectedReason, type TreatmentOutcome } from '#shared/domain/treatment.ts'
import { unkeptText } from '#shared/domain/unkept-text.ts'
import { riskLevel, type ThreatVerdict } from '#shared/domain/verdict.ts'
import type { ErrorCode } from '#shared/errors.ts'
import type { TreatmentIntent } from '#shared/files/detection-lines.ts'

/** The circumstances of a finding. */
export interface FoundContext {
  readonly at: string
  readonly origin: Origin
  readonly scanType: Detection['scanType']
  readonly scanId?: ScanId | undefined
  /** Verdict names that do not count. */
  readonly excludedThreats: readonly string[]
}

/** What a look at a file says about it. */
export interface Found {
  readonly object: DetectedObject
  readonly state: 'found' | 'kept'
  /** Why it is kept. */
  readonly note?: string
}

/** Who moved a detection, and why. */
export interface Step {
  readonly by: Origin
  /** Nobody asked for it. */
  readonly automatic?: true
  readonly reason?: ErrorCode
  readonly note?: string
}

/** How its copy in Quarantine came to an end. */
export interface CopyEnd {
  readonly event: Exclude<StepEvent, 'not-restored'>
  /** Absent: nobody asked for it. */
  readonly by?: Origin
}

const historyLimit = 50
const listedFindings = 20
const order: readonly ThreatVerdict[] = ['infected', 'probably-infected', 'risky']

/** One file is one detection: its path and its content. */
export function detectionKey(path: Detection['path'], sha256: string): string {
  return `${path.bytes ?? path.text}\0${sha256}`
}

/** The first revision of a detection. */
export function newDetection(id: DetectionId, found: Found, context: FoundContext): Detection {
  const { object, state } = found
  return {
    id,
    rev: 1,
    path: object.path,
    sha256: object.identity.sha256,
    ...described(object, context),
    state,
    busy: false,
    changedAt: context.at,
    history: foundSteps(found, context),
  }
}

/** Who found it comes first, whatever is done with it then. */
function foundSteps({ state, note }: Found, { at, origin, scanType }: FoundContext): DetectionStep[] {
  const found: DetectionStep = { at, state: 'found', by: origin, scanType }
  if (state === 'found') return [found]
  return [found, { ...found, state: 'kept', automatic: true, ...(note ? { note } : {}) }]
}

/** True when a finding continues this entry. A file that came back after it was treated is a detection of its own. */
export function continues(detection: Detection): boolean {
  return isUnprocessed(detection.state) || detection.state === 'quarantined' || detection.state === 'at-restart'
}

/** The same file was found once more. What a person left there stays so as long as nothing is done about it. */
export function foundAgain(before: Detection, found: Found, context: FoundContext): Detection {
  const left = before.state === 'skipped' || before.state === 'quarantined'
  const next = found.state === 'kept' && left ? before.state : found.state
  const { reason: _reason, holder: _holder, protectedBy: _by, canElevate: _can, moreFindings: _more, ...rest } = before
  const again = { ...rest, ...described(found.object, context), rev: before.rev + 1, busy: false }
  if (next === before.state) return { ...again, changedAt: before.changedAt }
  return withSteps({ ...again, state: next, changedAt: context.at }, foundSteps(found, context))
}

export function markedBusy(before: Detection): Detection {
  return before.busy ? before : { ...before, rev: before.rev + 1, busy: true }
}

/** An act was given up before it did anything. */
export function notBusy(before: Detection, reason?: ErrorCode): Detection {
  const { reason: _reason, ...rest } = before
  return { ...rest, ...(reason ? { reason } : {}), rev: before.rev + 1, busy: false }
}

/** A restore did not work: the object stays what it was, and its history says why. */
export function notRestored(
  before: Detection,
  step: Step & { readonly at: string; readonly reason: ErrorCode },
): Detection {
  const { at, by, reason } = step
  return withSteps(notBusy(before, reason), [{ at, state: before.state, by, event: 'not-restored', reason }])
}

/** The engine gave no answer that counts. A restore leaves the object where it was, so its state stays. */
export function putOff(
  before: Detection,
  intent: TreatmentIntent | null,
  { at, reason }: { readonly at: string; readonly reason: ErrorCode },
): Detection {
  const known = before.state === 'failed' || before.state === 'at-restart'
  if (!intent || intent.act === 'restore' || known) return notBusy(before, reason)
  return moved(before, 'failed', { at, by: intent.origin, reason, ...byItself(intent) })
}

/** What a step says about an act that nobody asked for. */
export function byItself(intent: Pick<TreatmentIntent, 'act'> | null): Pick<Step, 'automatic'> {
  return intent && intent.act !== 'restore' && isAutomatic(intent.act) ? { automatic: true } : {}
}

/** Its copy in Quarantine was deleted or ran out. */
export function withoutCopy(before: Detection, { event, by, at }: CopyEnd & { readonly at: string }): Detection {
  const { quarantineId: _copy, copiedAt: _since, copyCondition: _condition, history, ...rest } = before
  // What was kept then was kept, although it is no more.
  const known = history.map((step) =>
    hadCopy.has(step.state) && !step.event ? { ...step, copied: true as const } : step,
  )
  const who = by ? { by } : { by: before.foundBy, automatic: true as const }
  return withSteps({ ...rest, history: known, rev: before.rev + 1 }, [{ at, state: before.state, event, ...who }])
}

const hadCopy: ReadonlySet<DetectionState> = new Set(['disinfected', 'deleted', 'quarantined'])

/** What is known of its copy; undefined: it can be restored. */
export function withCondition(before: Detection, condition: Detection['copyCondition']): Detection {
  const { copyCondition: _before, ...rest } = before
  return { ...rest, ...(condition ? { copyCondition: condition } : {}), rev: before.rev + 1 }
}

/** A state that needs no engine: skipped, gone, restored, failed. */
export function moved(before: Detection, state: DetectionState, step: Step & { readonly at: string }): Detection {
  return movedWith(before, { state }, step)
}

function movedWith(
  before: Detection,
  after: Pick<Detection, 'state'> & Partial<Detection>,
  { at, by, reason: code, note, automatic }: Step & { readonly at: string },
): Detection {
  const { reason: _reason, holder: _holder, protectedBy: _by, canElevate: _can, ...kept } = before
  const { copyCondition, autostartEntries, ...rest } = kept
  const reason = code ? { reason: code } : {}
  const isSameCopy = after.quarantineId === undefined || after.quarantineId === before.quarantineId
  const condition = copyCondition && isSameCopy ? { copyCondition } : {}
  const left = autostartEntries === undefined || after.state === 'restored' ? {} : { autostartEntries }
  const self = automatic ? { automatic, scanType: before.scanType } : {}
  const copied = after.quarantineId ? { copied: true as const } : {}
  return withSteps(
    { ...rest, ...left, ...condition, ...reason, ...after, rev: before.rev + 1, busy: false, changedAt: at },
    [{ at, state: after.state, by, ...self, ...copied, ...reason, ...(note ? { note } : {}) }],
  )
}

/** The engine said how an order ended. */
export function treatedAs(
  before: Detection,
  outcome: TreatmentOutcome,
  step: Step & { readonly at: string },
): Detection {
  if (outcome.status === 'at-restart' && before.state === 'at-restart' && before.holder === outcome.holder) {
    return before.busy ? notBusy(before) : before
  }
  const reason = outcomeReason(outcome)
  const note = noteOf(outcome)
  const holder = outcome.status === 'at-restart' ? { holder: outcome.holder } : {}
  const copy = copyOf(before, outcome, step.at)
  const more = { ...protection(outcome), ...offer(outcome), ...entries(outcome) }
  const after = { state: outcome.status, ...copy, ...holder, ...more }
  return movedWith(before, after, { ...step, ...(reason ? { reason } : {}), ...(note ? { note } : {}) })
}

/** What was removed with it. */
function entries(outcome: TreatmentOutcome): Pick<Detection, 'autostartEntries'> {
  const isGone = outcome.status === 'deleted' || outcome.status === 'disinfected' || outcome.status === 'at-restart'
  const count = isGone ? entryCount(outcome.acts) : 0
  return count === 0 ? {} : { autostartEntries: count }
}

/** Its copy is as old as the first word of it: what waited for a restart was copied before. */
function copyOf(
  before: Detection,
  outcome: TreatmentOutcome,
  at: string,
): Pick<Detection, 'quarantineId' | 'copiedAt'> {
  if (!('quarantineId' in outcome) || outcome.quarantineId === undefined) return {}
  const { quarantineId } = outcome
  const isKnown = before.quarantineId === quarantineId
  return { quarantineId, copiedAt: isKnown ? (before.copiedAt ?? before.changedAt) : at }
}

function offer(outcome: TreatmentOutcome): Pick<Detection, 'canElevate'> {
  return 'canElevate' in outcome && outcome.canElevate === true ? { canElevate: true } : {}
}

/** Reasons that this version does not know say nothing more than the state. */
function protection(outcome: TreatmentOutcome): Pick<Detection, 'protectedBy'> {
  const known = outcome.status === 'protected' ? ProtectedReason.safeParse(outcome.reason) : undefined
  return known?.success === true ? { protectedBy: known.data } : {}
}

/** What the state alone does not say; all of it together fits into a step. */
function noteOf(outcome: TreatmentOutcome): string | undefined {
  const first = otherNamesNote(outcome) ?? unkeptNote(outcome)
  const acts = 'acts' in outcome ? outcome.acts : undefined
  if (acts === undefined) return first
  return first === undefined ? actsText(acts) : `${shortened(first, 126)}; ${actsText(acts, 126)}`
}

/** The file had other names: what was deleted is still there under them. */
function otherNamesNote(outcome: TreatmentOutcome): string | undefined {
  if (outcome.status !== 'deleted' || outcome.otherLinks === 0) return undefined
  const [first] = outcome.otherNames ?? []
  const count = outcome.otherLinks === 1 ? 'one other name' : `${outcome.otherLinks.toLocaleString('en')} other names`
  const where = first === undefined ? '' : `: ${shortened(first.text, 180)}`
  return `still there under ${count}${where}`
}

/** What a cured file does not have as the original had it. */
function unkeptNote(outcome: TreatmentOutcome): string | undefined {
  return outcome.status === 'disinfected' && outcome.unkept !== undefined ? unkeptText(outcome.unkept) : undefined
}

function outcomeReason(outcome: TreatmentOutcome): ErrorCode | undefined {
  if (outcome.status === 'failed' || outcome.status === 'backup-failed' || outcome.status === 'kept')
    return outcome.code
  if (outcome.status === 'protected') return 'object-protected'
  if (outcome.status === 'changed') return 'object-changed'
  return undefined
}

function described(object: DetectedObject, context: FoundContext) {
  const findings = countedFindings(object, context.excludedThreats)
  const worst = findings[0] ?? object.findings[0]
  const verdict = worst?.verdict ?? 'risky'
  const more = findings.length - listedFindings
  return {
    sizeBytes: object.identity.size,
    ...(object.md5 === undefined ? {} : { md5: object.md5 }),
    findings: findings.slice(0, listedFindings).map(({ member, threat, verdict: found, detector, rule }) => ({
      // A detection has to fit into one message to the portal.
      member: member.map((name) => shortened(name, 512)),
      threat,
      verdict: found,
      detector,
      ...(rule ? { rule } : {}),
    })),
    ...(more > 0 ? { moreFindings: more } : {}),
    threat: worst?.threat ?? '',
    verdict,
    risk: riskLevel(verdict),
    coverage: object.coverage,
    foundAt: context.at,
    foundBy: context.origin,
    scanType: context.scanType,
    ...(context.scanId ? { scanId: context.scanId } : {}),
  }
}

/** Worst first, without the names that were excluded. */
function countedFindings(object: DetectedObject, excluded: readonly string[]): readonly Finding[] {
  const counted = object.findings.filter((finding) => !excluded.includes(finding.threat))
  const used = counted.length > 0 ? counted : object.findings
  return [...used].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict))
}

/** The first step is always kept: it says who found it. */
function withSteps(detection: Detection, steps: readonly DetectionStep[]): Detection {
  const [first, ...later] = [...detection.history, ...steps]
  const kept = first ? [first, ...later.slice(-(historyLimit - 1))] : []
  return { ...detection, history: kept }
}
