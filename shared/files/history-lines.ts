// The history of the app on disk: one event a line.
import { z } from 'zod'
import { HistoryEvent } from '../domain/app-state.ts'
import { EndedScan } from '../domain/reports.ts'

/** Lines of earlier versions neither say what they belong to, nor keep a scan. */
export const HistoryLine = z.strictObject({
  version: z.literal(1),
  event: HistoryEvent.partial({ component: true }),
  ended: EndedScan.optional(),
})
export type HistoryLine = z.infer<typeof HistoryLine>
