// The ledger of detected objects on disk, one line at a time: what the engine saw, every state since, and the act that is
// under way (written before it is done). The last line of a detection counts.
import { z } from 'zod'
import { Detection } from '../domain/detection.ts'
import { FilePath } from '../domain/file-path.ts'
import { DetectionId } from '../domain/ids.ts'
import { DetectedObject, Finding } from '../domain/object-report.ts'
import { ShortText, Timestamp } from '../domain/primitives.ts'
import { Origin, TreatmentVerb } from '../domain/treatment.ts'

/** An act that was decided and whose end is not known yet. With a detection that is not busy: it is tried again later. */
export const TreatmentIntent = z.strictObject({
  act: z.enum([...TreatmentVerb.options, 'restore']),
  /** Those that justify the act; absent: all of the object. */
  findings: z.array(Finding).min(1).max(200).optional(),
  /** A restore that also allows the content; `known`: it was allowed before and stays so whatever comes of the restore. */
  exclude: z.enum(['new', 'known']).optional(),
  /** Where a restore puts it; absent: where it came from. */
  target: FilePath.optional(),
  /** A person agreed to delete it although no copy can be kept. */
  withoutCopy: z.literal(true).optional(),
  /** A person agreed to keep a large copy of it. */
  largeCopy: z.literal(true).optional(),
  origin: Origin,
  at: Timestamp,
})
export type TreatmentIntent = z.infer<typeof TreatmentIntent>

const version = z.literal(1)

export const DetectionLine = z.discriminatedUnion('kind', [
  /** Precedes the first `detection` line of its id; without one it means nothing. */
  z.strictObject({
    version,
    kind: z.literal('object'),
    id: DetectionId,
    object: DetectedObject,
    databaseVersion: ShortText,
  }),
  z.strictObject({ version, kind: z.literal('detection'), detection: Detection, intent: TreatmentIntent.nullable() }),
  z.strictObject({ version, kind: z.literal('removed'), id: DetectionId }),
])
export type DetectionLine = z.infer<typeof DetectionLine>
