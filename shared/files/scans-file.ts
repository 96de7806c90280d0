// scans.json: the last scans, the one that runs (to notice that it was interrupted), and how big each area was.
import { z } from 'zod'
import { ScanId } from '../domain/ids.ts'
import { Count, LongText, Timestamp } from '../domain/primitives.ts'
import { FinishedScan, ScanType } from '../domain/scan.ts'
import { Origin } from '../domain/treatment.ts'

export const ScansFile = z.strictObject({
  version: z.literal(1),
  running: z
    .strictObject({
      scanId: ScanId,
      type: ScanType,
      origin: Origin,
      startedAt: Timestamp,
      paths: z.array(LongText).max(20),
    })
    .nullable(),
  last: FinishedScan.nullable(),
  lastByType: z.strictObject({
    quick: FinishedScan.nullable(),
    full: FinishedScan.nullable(),
    custom: FinishedScan.nullable(),
  }),
  /** When a scan of each type last got to its end; scans that did not get there leave it as it is. */
  lastCompletedAt: z
    .strictObject({ quick: Timestamp.nullable(), full: Timestamp.nullable(), custom: Timestamp.nullable() })
    .optional(),
  /** Files of the last completed scan by area; for the estimate only. */
  expectedFiles: z.record(z.string().max(80), Count),
})
export type ScansFile = z.infer<typeof ScansFile>
