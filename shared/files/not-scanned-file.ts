// not-scanned.json: what the last scan did not look at, newest last, so that it is still told after a restart of the app.
import { z } from 'zod'
import { Count } from '../domain/primitives.ts'
import { NotScannedView } from '../domain/scan.ts'
import { NotScannedReason } from '../domain/verdict.ts'

export const NotScannedFile = z.strictObject({
  version: z.literal(1),
  /** How much for each reason; also of what is not listed any more. */
  counts: z.partialRecord(NotScannedReason, Count),
  entries: z.array(NotScannedView).max(10_000),
})
export type NotScannedFile = z.infer<typeof NotScannedFile>
