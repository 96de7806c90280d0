// The history of the app on disk: one event a line.
import { z } from 'zod'
import { HistoryEvent } from '../domain/app-state.ts'

export const HistoryLine = z.strictObject({ version: z.literal(1), event: HistoryEvent })
export type HistoryLine = z.infer<typeof HistoryLine>
