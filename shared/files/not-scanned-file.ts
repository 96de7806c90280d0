// not-scanned.json: what the last scan did not look at, newest last, so that it is still told after a restart of the app;
// and what file protection could not look at.
import { z } from 'zod'
import { Count } from '../domain/primitives.ts'
import { NotScannedView } from '../domain/scan.ts'
import { NotScannedReason } from '../domain/verdict.ts'

export const NotScannedFile = z.strictObject({
  version: z.literal(1),
  /** How much for each reason; also of what is not listed any more. */
  counts: z.partialRecord(NotScannedReason, Count),
  /** Of these, how much was looked at in part. */
  partial: z.partialRecord(NotScannedReason, Count).default({}),
  entries: z.array(NotScannedView).max(10_000),
  watched: z.array(NotScannedView).max(10_000).default([]),
})
export type NotScannedFile = z.infer<typeof NotScannedFile>
