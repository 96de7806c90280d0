// A detected object in the ledger: one file, with everything that happened to it since. Owned by the client; the portal
// keeps a mirror. Also owns which states count as unprocessed, and the limit from which the portal groups.
import { z } from 'zod'
import { FilePath } from './file-path.ts'
import { DetectionId, QuarantineId, ScanId } from './ids.ts'
import { Detector, RuleInfo } from './object-report.ts'
import { Count, Md5, Revision, Sha256, ShortText, Timestamp } from './primitives.ts'
import { CopyCondition, FailureCode, Origin, ProtectedReason } from './treatment.ts'
import { Coverage, RiskLevel, ThreatVerdict } from './verdict.ts'

export const DetectionState = z.enum([
  'found',
  'kept',
  'skipped',
  'disinfected',
  'deleted',
  'quarantined',
  'restored',
  'at-restart',
  'gone',
  'changed',
  'protected',
  'backup-failed',
  'failed',
])
export type DetectionState = z.infer<typeof DetectionState>

/** What looked at an object. `rescan`: a second look at one that had changed. */
export const FoundBy = z.enum(['quick', 'full', 'custom', 'real-time', 'rescan'])
export type FoundBy = z.infer<typeof FoundBy>

/** What happened although the state stayed as it was. */
export const StepEvent = z.enum([
  /** A person deleted the copy in Quarantine for good. */
  'copy-deleted',
  /** The copy had been kept for as long as the settings say. */
  'copy-expired',
  /** The copy is not there any more, and nobody here took it away. */
  'copy-gone',
  'not-restored',
])
export type StepEvent = z.infer<typeof StepEvent>

/** One line of an object's history. Fields that may be absent are so in entries of earlier versions too. */
export const DetectionStep = z.strictObject({
  at: Timestamp,
  state: DetectionState,
  /** Who asked for this act or, where it was `automatic`, for the scan in which it was done. */
  by: Origin,
  /** Nobody asked for it: the settings decided. */
  automatic: z.literal(true).optional(),
  /** What found it, or in what it was done by itself. */
  scanType: FoundBy.optional(),
  /** A copy of it was in Quarantine then. */
  copied: z.literal(true).optional(),
  event: StepEvent.optional(),
  reason: FailureCode.optional(),
  note: ShortText.optional(),
})
export type DetectionStep = z.infer<typeof DetectionStep>

export const DetectionFinding = z.strictObject({
  member: z.array(z.string().max(4096)).max(20),
  threat: ShortText,
  verdict: ThreatVerdict,
  /** Unknown in entries of earlier versions. */
  detector: Detector.optional(),
  rule: RuleInfo.optional(),
})
export type DetectionFinding = z.infer<typeof DetectionFinding>

export const Detection = z.strictObject({
  id: DetectionId,
  rev: Revision,
  path: FilePath,
  /** Of the file when it was detected. */
  sha256: Sha256,
  /** Not of large files, and not in entries of earlier versions. */
  md5: Md5.optional(),
  sizeBytes: Count,
  /** Worst first. */
  findings: z.array(DetectionFinding).min(1).max(20),
  /** Findings that are not listed here, at least. */
  moreFindings: Count.optional(),
  threat: ShortText,
  verdict: ThreatVerdict,
  risk: RiskLevel,
  coverage: Coverage,
  foundAt: Timestamp,
  foundBy: Origin,
  scanId: ScanId.optional(),
  scanType: FoundBy,
  state: DetectionState,
  reason: FailureCode.optional(),
  /** True: whoever sits at the computer can continue as administrator. */
  canElevate: z.boolean().optional(),
  /** What it is to the system, while `state` is `protected`; unknown in entries of earlier versions. */
  protectedBy: ProtectedReason.optional(),
  /** Who keeps the code running, while `state` is `at-restart`. */
  holder: ShortText.optional(),
  quarantineId: QuarantineId.optional(),
  /** Since when that copy is there; it can be put back for as long as the settings say. Unknown in earlier entries. */
  copiedAt: Timestamp.optional(),
  /** Why that copy cannot be restored; absent: it can, as far as anybody knows. */
  copyCondition: CopyCondition.optional(),
  /** So many autostart entries were removed with it, and come back with it. Unknown in earlier entries. */
  autostartEntries: Count.optional(),
  /** True while an act runs on it. */
  busy: z.boolean(),
  changedAt: Timestamp,
  history: z.array(DetectionStep).max(50),
})
export type Detection = z.infer<typeof Detection>

/** Up to and including this many unprocessed objects the portal lists one by one (F1). */
export const groupLimit = 10

const unprocessedStates: ReadonlySet<DetectionState> = new Set([
  'found',
  'skipped',
  'kept',
  'changed',
  'protected',
  'failed',
  'backup-failed',
])

/** True when somebody still has to decide about it. Waiting for a restart is listed, but not counted. */
export function isUnprocessed(state: DetectionState): boolean {
  return unprocessedStates.has(state)
}

/** True when the portal may only act on all of them together (F2). */
export function isGrouped(unprocessedCount: number): boolean {
  return unprocessedCount > groupLimit
}

/** What a person can ask for. `process` = disinfect, else delete. */
export const DetectionAction = z.enum([
  'process',
  'disinfect',
  'delete',
  'copy-to-quarantine',
  'skip',
  'restore',
  // Restores it even if it is still detected; no scan reports this content any more.
  'restore-and-exclude',
])
export type DetectionAction = z.infer<typeof DetectionAction>

/** The acts that put something dangerous back: each is asked about first. */
export const RestoreAction = DetectionAction.extract(['restore', 'restore-and-exclude'])
export type RestoreAction = z.infer<typeof RestoreAction>

/** The acts that make sense in a state; both user interfaces and the server ask this. */
export function actionsFor(
  detection: Pick<Detection, 'state' | 'quarantineId' | 'copyCondition'>,
): readonly DetectionAction[] {
  switch (detection.state) {
    case 'found':
    case 'kept':
    case 'skipped':
    case 'failed':
    case 'backup-failed':
    case 'changed':
      return detection.state === 'skipped'
        ? ['disinfect', 'delete', 'copy-to-quarantine']
        : ['disinfect', 'delete', 'copy-to-quarantine', 'skip']
    case 'protected':
      return ['skip']
    // The original is where it was, so there is nothing to put back: it can still be dealt with.
    case 'quarantined':
      return ['disinfect', 'delete']
    case 'disinfected':
    case 'deleted':
      return hasUsableCopy(detection) ? ['restore', 'restore-and-exclude'] : []
    case 'at-restart':
    case 'restored':
    case 'gone':
      return []
  }
}

/** True when there is a copy that can be restored, as far as anybody knows. */
export function hasUsableCopy({
  quarantineId,
  copyCondition,
}: Pick<Detection, 'quarantineId' | 'copyCondition'>): boolean {
  return quarantineId !== undefined && copyCondition !== 'damaged' && copyCondition !== 'key-lost'
}
