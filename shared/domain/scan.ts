// Scans: types, areas, options, counters and how they end. Shared by engine, client, app windows and portal.
import { z } from 'zod'
import { FilePath } from './file-path.ts'
import { ScanId } from './ids.ts'
import { Bytes, Count, DurationMs, LongText, Timestamp } from './primitives.ts'
import { Origin } from './treatment.ts'
import { NotScannedReason } from './verdict.ts'

export const ScanType = z.enum(['quick', 'full', 'custom'])
export type ScanType = z.infer<typeof ScanType>

/** What to look at. `quick` and `full` are resolved by the engine unless settings name the paths. */
export const ScanArea = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('quick') }),
  z.strictObject({ kind: z.literal('full') }),
  z.strictObject({ kind: z.literal('paths'), paths: z.array(FilePath).min(1).max(1000) }),
])
export type ScanArea = z.infer<typeof ScanArea>

/** Bounds of one scan; the engine fills in what is missing from electron/engine/limits/limits.ts. */
export const ScanOptions = z.strictObject({
  /** Path prefixes that are left out (own data, vault; always also the engine's own). */
  exclude: z.array(FilePath).max(1000),
  /** Share of one machine the scan may use, in percent of all cores' time. 100 = no ceiling. */
  loadCeilingPercent: z.number().int().min(1).max(100),
})
export type ScanOptions = z.infer<typeof ScanOptions>

/** Absolute numbers, so that a lost event is harmless. */
export const ScanCounters = z.strictObject({
  /** Files and archive members looked at. */
  objects: Count,
  files: Count,
  bytes: Bytes,
  found: Count,
  /** What was not looked at, and what only in part. */
  notScanned: Count,
  /** Matches that are not reported because their names are excluded. */
  excluded: Count.default(0),
})
export type ScanCounters = z.infer<typeof ScanCounters>

export const noCounters: ScanCounters = { objects: 0, files: 0, bytes: 0, found: 0, notScanned: 0, excluded: 0 }

/** `percent` is null until the estimate is honest; it never goes back. */
export const ScanProgress = z.strictObject({
  percent: z.number().min(0).max(100).nullable(),
  counters: ScanCounters,
  currentPath: LongText,
  leftMs: DurationMs.nullable(),
})
export type ScanProgress = z.infer<typeof ScanProgress>

export const ScanStatus = z.enum(['estimating', 'running', 'paused', 'stopping'])
export type ScanStatus = z.infer<typeof ScanStatus>

/** A scan that runs now, as every screen shows it. */
export const RunningScan = z.strictObject({
  scanId: ScanId,
  type: ScanType,
  origin: Origin,
  status: ScanStatus,
  startedAt: Timestamp,
  loadCeilingPercent: z.number().int().min(1).max(100),
  progress: ScanProgress,
  /** Of `counters.notScanned`: where a part was looked at. */
  partial: Count.default(0),
  /** Paths of a custom scan, for display. */
  paths: z.array(LongText).max(20),
})
export type RunningScan = z.infer<typeof RunningScan>

export const ScanOutcome = z.enum(['completed', 'stopped', 'failed', 'interrupted'])
export type ScanOutcome = z.infer<typeof ScanOutcome>

/** What was done with what a scan found. */
export const ScanTotals = z.strictObject({
  found: Count,
  disinfected: Count,
  deleted: Count,
  kept: Count,
  failed: Count,
  atRestart: Count,
})
export type ScanTotals = z.infer<typeof ScanTotals>

export const noTotals: ScanTotals = { found: 0, disinfected: 0, deleted: 0, kept: 0, failed: 0, atRestart: 0 }

/** One thing that was not (wholly) looked at, for display. `member`: place inside of the file, empty for the file itself. */
export const NotScannedView = z.strictObject({
  path: LongText,
  member: LongText,
  reason: NotScannedReason,
  /** True: a part of it was looked at. */
  partial: z.boolean().default(false),
  /** Who left it out; absent: a scan. */
  by: z.literal('file-protection').optional(),
})
export type NotScannedView = z.infer<typeof NotScannedView>

/** How often a reason left something out. `partial`: of these, where a part was looked at. */
export const GapCount = z.strictObject({ reason: NotScannedReason, count: Count, partial: Count.default(0) })
export type GapCount = z.infer<typeof GapCount>

/** Most first. */
const GapCounts = z.array(GapCount).max(40)

/** What a scan did not look at: how much for each reason, and some of the objects. */
export const ScanGaps = z.strictObject({ reasons: GapCounts, objects: z.array(NotScannedView).max(50) })
export type ScanGaps = z.infer<typeof ScanGaps>

/** A scan that ended. `stoppedBy`: where a stop came from. */
export const FinishedScan = z.strictObject({
  scanId: ScanId,
  type: ScanType,
  origin: Origin,
  outcome: ScanOutcome,
  stoppedBy: z.enum(['device', 'portal']).optional(),
  startedAt: Timestamp,
  finishedAt: Timestamp,
  counters: ScanCounters,
  totals: ScanTotals,
  /** Why something was left out. Empty in records of earlier versions too. */
  gapReasons: GapCounts.default([]),
  paths: z.array(LongText).max(20),
})
export type FinishedScan = z.infer<typeof FinishedScan>
