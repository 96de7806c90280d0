// What a scan left out, as lines: what was not scanned and what was scanned in part are told apart for each reason. Pure.
import { gapText } from '#shared/domain/left-out-text.ts'
import type { GapCount, ScanGaps } from '#shared/domain/scan.ts'

export interface GapLine {
  /** "Not scanned: too big". */
  readonly text: string
  readonly count: number
}

/** Most first. */
export function gapLines(reasons: readonly GapCount[]): readonly GapLine[] {
  return reasons
    .flatMap(({ reason, count, partial }) => [
      { text: gapText({ reason, partial: false }), count: count - partial },
      { text: gapText({ reason, partial: true }), count: partial },
    ])
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
}

/** How many are not among the objects. */
export function unlistedCount({ reasons, objects }: ScanGaps): number {
  return Math.max(0, reasons.reduce((sum, { count }) => sum + count, 0) - objects.length)
}
