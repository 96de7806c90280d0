// How far a scan is and how long it will still take, from counts alone. Pure.
// Never goes back, never claims 100 % before the end, says nothing rather than guess.
import type { ScanCounters } from '#shared/domain/scan.ts'
import { limitTable } from '../limits/limits.ts'

/** What the whole area holds; `bytes` null when only a number of files is known. */
export interface AreaSize {
  readonly files: number
  readonly bytes: number | null
}

export interface Estimate {
  /** 0..99; null while the size of the area is unknown. */
  readonly percent: number | null
  readonly leftMs: number | null
}

/** The cost of opening a file, as that many bytes read. */
const openCostBytes = 64 * 1024
const ceilingPercent = 99
/** Before this much time and progress the rest cannot be told. */
const tellAfterMs = 2000
const tellAfterPercent = 1

/** What of a file's size the time for it depends on: more than this much of it is not looked at. */
export function countedBytes(size: number): number {
  return Math.min(size, limitTable.objectBytes.value)
}

/**
 * Makes the function that estimates one scan; it remembers its last answer so that it never goes back. When the area turns
 * out to be larger than it was thought to be, what is shown goes on from where it stands, slower, to the same end.
 */
export function createEstimator(): (size: AreaSize | null, done: ScanCounters, activeMs: number) => Estimate {
  let known: AreaSize | null = null
  let shown = 0
  /** What was shown when the size became known, and which share of it was done then. */
  let from = { shown: 0, share: 0 }
  return (size, done, activeMs) => {
    // It was thought to be known and was wrong: what is shown stays until it is known better.
    if (size === null) return { percent: known === null ? null : floored(shown), leftMs: null }
    const share = shareOf(size, done)
    if (known?.files !== size.files || known.bytes !== size.bytes) {
      from = { shown: Math.max(shown, share * 100), share }
      known = size
    }
    const gone = share <= from.share ? 0 : (share - from.share) / (1 - from.share)
    shown = Math.min(ceilingPercent, Math.max(shown, from.shown + (100 - from.shown) * gone))
    const canTell = activeMs >= tellAfterMs && share * 100 >= tellAfterPercent
    return { percent: floored(shown), leftMs: canTell ? Math.round((activeMs * (1 - share)) / share) : null }
  }
}

function floored(percent: number): number {
  return Math.floor(percent * 10) / 10
}

/** 0 to 1. */
function shareOf(size: AreaSize, done: ScanCounters): number {
  const total = size.files * openCostBytes + (size.bytes ?? 0)
  const finished = done.files * openCostBytes + (size.bytes === null ? 0 : Math.min(done.bytes, size.bytes))
  return total === 0 ? 0 : Math.min(1, finished / total)
}
