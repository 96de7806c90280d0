// Reports: what an event of the history belongs to, which events are shown, and what is kept of a scan that ended.
// Owns the shapes; the client keeps and selects, the windows show.
import { z } from 'zod'
import { Detection } from './detection.ts'
import { DetectionId } from './ids.ts'
import { Count, LongText, Timestamp } from './primitives.ts'
import { FinishedScan, NotScannedView } from './scan.ts'

/** What an event belongs to. `objects`: what was done with detected objects; `quarantine`: with their copies. */
export const ReportComponent = z.enum([
  'scan',
  'file-protection',
  'objects',
  'quarantine',
  'databases',
  'account',
  'restart',
  'application',
])
export type ReportComponent = z.infer<typeof ReportComponent>

/** Which lines of the history are shown. `information`: those that went well, too. */
export const HistoryFilter = z.enum(['all', 'critical', 'important', 'information'])
export type HistoryFilter = z.infer<typeof HistoryFilter>

/** All parts have to fit. `search`: part of a title or of its detail. `from` is in the period, `until` is not; absent: no bound. */
export const ReportSelection = z.strictObject({
  filter: HistoryFilter,
  search: z.string().max(200),
  component: ReportComponent.optional(),
  from: Timestamp.optional(),
  until: Timestamp.optional(),
})
export type ReportSelection = z.infer<typeof ReportSelection>

/** Events that one part of the selection alone hides: they are shown as soon as that part is taken away. */
export const HiddenReports = z.strictObject({ filter: Count, search: Count, component: Count, period: Count })
export type HiddenReports = z.infer<typeof HiddenReports>

export const ReportFormat = z.enum(['csv', 'text'])
export type ReportFormat = z.infer<typeof ReportFormat>

const keptObjects = 200
const keptPlaces = 20

/**
 * What the history keeps of a scan besides its sentence. `area`: the places that were named, the first of them; empty: those
 * that belong to its type; null: not known. `found`: the objects, the first of them; what became of them is in the ledger.
 */
export const EndedScan = z.strictObject({
  scan: FinishedScan,
  area: z.array(LongText).max(keptPlaces).nullable(),
  found: z.array(DetectionId).max(keptObjects),
})
export type EndedScan = z.infer<typeof EndedScan>

/** As much as is kept. */
export function endedScan({ scan, area, found }: EndedScan): EndedScan {
  return { scan, area: area?.slice(0, keptPlaces) ?? null, found: found.slice(0, keptObjects) }
}

/** A scan that is opened in the reports. */
export const ScanDetails = z.strictObject({
  /** Null: it ended before the app kept more than the sentence. */
  ended: EndedScan.omit({ found: true }).nullable(),
  /** As they are now. */
  objects: z.array(Detection).max(keptObjects),
  /** Found by it, and not known any more. */
  forgotten: Count,
  /** Found by it, and too many to be kept with it. */
  unlisted: Count,
  /** Some of what was left out; null: which ones is not known any more. */
  notScanned: z.array(NotScannedView).max(50).nullable(),
})
export type ScanDetails = z.infer<typeof ScanDetails>
