// What may be done with a detected object and how it can end. Owns the closed sets; the engine acts, the client decides.
import { z } from 'zod'
import { errorCodes } from '../errors.ts'
import { DetectionId, QuarantineId } from './ids.ts'
import { DetectedObject } from './object-report.ts'
import { ShortText, Timestamp } from './primitives.ts'

/**
 * What to do with exactly the findings of an order; a copy goes to Quarantine first, always.
 * Automatic: `cure-only` removes what is bad and keeps the rest, else leaves the file. `disinfect` does the same and deletes
 * what is malware as a whole. `delete-malware` only deletes what is malware as a whole.
 * "As a whole": a finding in the file itself, or in every leaf of a container that was looked at completely.
 * Asked for by a person: `disinfect-or-delete` cures, else deletes the file whatever else is in it; `delete` deletes it;
 * `copy-to-quarantine` leaves the original.
 */
export const TreatmentVerb = z.enum([
  'cure-only',
  'disinfect',
  'delete-malware',
  'disinfect-or-delete',
  'delete',
  'copy-to-quarantine',
])
export type TreatmentVerb = z.infer<typeof TreatmentVerb>

/** Who asked for a scan or an act. `account` is the address of the owner who asked from the portal. */
export const Origin = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local') }),
  z.strictObject({ kind: z.literal('real-time') }),
  z.strictObject({ kind: z.literal('schedule') }),
  z.strictObject({ kind: z.literal('restart') }),
  z.strictObject({ kind: z.literal('remote'), commandId: z.uuid(), account: ShortText }),
])
export type Origin = z.infer<typeof Origin>

/**
 * An order of the client to the engine. The same `detectionId` given twice is carried out once. `object.findings` are those
 * that justify the act, which may be fewer than were found: suspicious or excluded ones are none of an automatic act's business.
 */
export const TreatmentOrder = z.strictObject({
  detectionId: DetectionId,
  object: DetectedObject,
  verb: TreatmentVerb,
  origin: Origin,
  databaseVersion: ShortText,
})
export type TreatmentOrder = z.infer<typeof TreatmentOrder>

export const FailureCode = z.enum(errorCodes)

/** How an order ended. A copy is named by `quarantineId` wherever one was made. */
export const TreatmentOutcome = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('disinfected'), quarantineId: QuarantineId }),
  z.strictObject({
    status: z.literal('deleted'),
    quarantineId: QuarantineId,
    otherLinks: z.number().int().nonnegative(),
  }),
  z.strictObject({ status: z.literal('quarantined'), quarantineId: QuarantineId }),
  /** The file is dealt with, but its code goes on running in `holder` and cannot be ended. */
  z.strictObject({ status: z.literal('at-restart'), quarantineId: QuarantineId.optional(), holder: ShortText }),
  /** Left untouched, because what was ordered would take good content along. */
  z.strictObject({ status: z.literal('kept'), code: FailureCode }),
  z.strictObject({ status: z.literal('gone') }),
  /** Not the object that was scanned any more: left untouched, scan again. */
  z.strictObject({ status: z.literal('changed') }),
  /** The guard of system files refused. */
  z.strictObject({ status: z.literal('protected'), reason: ShortText }),
  z.strictObject({ status: z.literal('backup-failed'), code: FailureCode }),
  z.strictObject({ status: z.literal('failed'), code: FailureCode, quarantineId: QuarantineId.optional() }),
])
export type TreatmentOutcome = z.infer<typeof TreatmentOutcome>

/** A deferred treatment as it was replayed after a restart. */
export const PendingResult = z.strictObject({
  detectionId: DetectionId,
  outcome: TreatmentOutcome,
  attempts: z.number().int().nonnegative(),
})
export type PendingResult = z.infer<typeof PendingResult>

/** One copy in Quarantine, without any secret. */
export const QuarantineItem = z.strictObject({
  id: QuarantineId,
  detectionId: DetectionId,
  originalPath: z.strictObject({ text: z.string().max(20_000), bytes: z.base64().max(24_000).optional() }),
  threat: ShortText,
  sizeBytes: z.number().int().nonnegative(),
  storedAt: Timestamp,
  expiresAt: Timestamp,
  origin: Origin,
  /** False while a restart is pending for it. */
  restorable: z.boolean(),
})
export type QuarantineItem = z.infer<typeof QuarantineItem>
