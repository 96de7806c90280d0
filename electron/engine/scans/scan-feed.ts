// The files of a scan in walking order: a bounded queue, filled in short slices so that the engine stays responsive.
// Whoever owns the scan says which files are read. Never opens a file.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { WalkEntry } from '../walk/walk.ts'
import type { AreaSize } from './estimate.ts'
import { type FeedFile, FeedQueue } from './feed-queue.ts'

/** Something on the way that is not a readable file. */
export interface FeedObstacle {
  readonly path: Buffer
  readonly reason: NotScannedReason
}

export interface FeedOptions {
  readonly walk: () => Generator<WalkEntry>
  /** Asked once for every file that the walk finds; false = it needs not be read. */
  readonly accept: (file: FeedFile) => boolean
  readonly onObstacle: (obstacle: FeedObstacle) => void
  /** Files that need not be looked at. */
  readonly onKnown: (files: number, bytes: number) => void
}

export interface ScanFeed {
  /** Files ready to be taken. */
  readonly queue: FeedQueue
  /** True when the walk has come to its end. */
  readonly walked: boolean
  /** All files of the area, once the walk has come to its end. */
  size(): AreaSize | null
  /** Walks on for at most a slice; false when there is nothing to do now. */
  fill(): boolean
}

const sliceMs = 8
const fillUpTo = 2000
const fillBelow = 1000

export function createFeed(options: FeedOptions): ScanFeed {
  const queue = new FeedQueue()
  const walk = options.walk()
  let walked = false
  const seen = { files: 0, bytes: 0 }

  function take(entry: WalkEntry): void {
    if (entry.kind === 'known') {
      seen.files += entry.files
      seen.bytes += entry.bytes
      options.onKnown(entry.files, entry.bytes)
      return
    }
    if (entry.kind !== 'file') {
      options.onObstacle({ path: entry.path, reason: entry.reason })
      return
    }
    const { path, size, known } = entry
    const file = { path, size, link: linkOf(entry), ...(known === undefined ? {} : { known }) }
    seen.files += 1
    seen.bytes += size
    if (options.accept(file)) queue.push(file)
  }

  return {
    queue,
    get walked() {
      return walked
    },
    size: () => (walked ? { ...seen } : null),
    fill: () => {
      if (walked || queue.length >= fillBelow) return false
      const until = Date.now() + sliceMs
      while (queue.length < fillUpTo && Date.now() < until) {
        const next = walk.next()
        if (next.done) {
          walked = true
          break
        }
        take(next.value)
      }
      return true
    },
  }
}

/** Counts an area in slices while something else goes on; null when `stopped` says so before the end. */
export async function measureArea(walk: Generator<WalkEntry>, stopped: () => boolean): Promise<AreaSize | null> {
  let files = 0
  let bytes = 0
  for (;;) {
    const until = Date.now() + sliceMs
    while (Date.now() < until) {
      const next = walk.next()
      if (next.done) return { files, bytes }
      if (next.value.kind !== 'file') continue
      files += 1
      bytes += Number(next.value.size)
    }
    if (stopped()) return null
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function linkOf(entry: Extract<WalkEntry, { kind: 'file' }>): string | null {
  return entry.nlink > 1 ? `${entry.dev}:${entry.ino}` : null
}
