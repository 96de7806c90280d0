// How far a scan is: the size of its area, counted ahead of the scan where that pays, and the time it has worked.
// Never slows the scan: it counts only while the scan's own walk has to wait.
import type { ScanCounters } from '#shared/domain/scan.ts'
import type { WalkEntry } from '../walk/walk.ts'
import { ActiveTime } from './active-time.ts'
import { type AreaSize, createEstimator, type Estimate } from './estimate.ts'
import { measureArea, type ScanFeed } from './scan-feed.ts'

export interface ProgressOptions {
  readonly feed: Pick<ScanFeed, 'isAhead' | 'seen' | 'walked'>
  /** Walks the area once more. */
  readonly walk: () => Generator<WalkEntry>
  /** Of the last scan of this area; 0 = unknown. Good until the area is counted, or more than that is found. */
  readonly expectedFiles: number
  /** Of earlier processes. */
  readonly activeMs: number
  readonly isRunning: () => boolean
  readonly isEnded: () => boolean
  readonly duty: () => number
  readonly log: (line: string) => void
}

/** A scan that is over sooner needs no count. */
const measureAfterMs = 2000

export class ScanProgressMeter {
  readonly time: ActiveTime
  readonly #options: ProgressOptions
  readonly #estimate = createEstimator()
  #counted: AreaSize | null = null

  constructor(options: ProgressOptions) {
    this.#options = options
    this.time = new ActiveTime(options.activeMs)
  }

  /** `done`: `bytes` are those of the files that are finished. */
  now(done: ScanCounters): Estimate {
    return this.#estimate(this.#size(), done, this.time.ms())
  }

  #size(): AreaSize | null {
    const { feed, expectedFiles } = this.#options
    const { files, bytes } = feed.seen
    if (feed.walked) return { files, bytes }
    const counted = this.#counted
    // It may have grown since it was counted.
    if (counted) return { files: Math.max(files, counted.files), bytes: Math.max(bytes, counted.bytes ?? 0) }
    return files < expectedFiles ? { files: expectedFiles, bytes: null } : null
  }

  async measure(): Promise<void> {
    const { walk, feed, isRunning, isEnded, duty, log } = this.#options
    await new Promise((resolve) => setTimeout(resolve, measureAfterMs).unref())
    const isOver = () => isEnded() || feed.walked
    if (isOver()) return
    try {
      this.#counted = await measureArea(walk(), { isOver, mayGoOn: () => isRunning() && feed.isAhead(), duty })
    } catch (error) {
      log(`area not measured: ${error instanceof Error ? error.message : 'unknown'}`)
    }
  }
}
