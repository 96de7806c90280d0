// How far a scan is and how long it will still take, from counts alone. Pure.
// Never goes back, never claims 100 % before the end, says nothing rather than guess.
import type { ScanCounters } from '#shared/domain/scan.ts'

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

/** Makes the function that estimates one scan; it remembers its last answer so that it never goes back. */
export function createEstimator(): (size: AreaSize | null, done: ScanCounters, activeMs: number) => Estimate {
  let shown: number | null = null
  return (size, done, activeMs) => {
    if (size) shown = Math.max(shown ?? 0, share(size, done))
    if (shown === null) return { percent: null, leftMs: null }
    const percent = Math.floor(shown * 10) / 10
    if (activeMs < tellAfterMs || shown < tellAfterPercent) return { percent, leftMs: null }
    return { percent, leftMs: Math.round((activeMs * (100 - shown)) / shown) }
  }
}

function share(size: AreaSize, done: ScanCounters): number {
  const total = size.files * openCostBytes + (size.bytes ?? 0)
  const finished = done.files * openCostBytes + (size.bytes === null ? 0 : Math.min(done.bytes, size.bytes))
  return total === 0 ? 0 : Math.min(ceilingPercent, (finished / total) * 100)
}
