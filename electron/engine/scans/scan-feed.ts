// The files of a scan in walking order: a bounded queue, filled in short slices so that the engine stays responsive.
// Whoever owns the scan says which files are read. Never opens a file.
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { WalkEntry } from '../walk/walk.ts'
import { type AreaSize, countedBytes } from './estimate.ts'
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
  /** What the walk has found so far: all of the area, once it has come to its end. */
  readonly seen: { readonly files: number; readonly bytes: number }
  /** True while there is enough in the queue that the walk waits. */
  isAhead(): boolean
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
    seen.bytes += countedBytes(size)
    if (options.accept(file)) queue.push(file)
  }

  const isAhead = () => queue.length >= fillBelow
  return {
    queue,
    get walked() {
      return walked
    },
    seen,
    isAhead,
    fill: () => {
      if (walked || isAhead()) return false
      const until = performance.now() + sliceMs
      while (queue.length < fillUpTo && performance.now() < until) {
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

export interface Measuring {
  /** Nobody wants to know any more. */
  readonly isOver: () => boolean
  /** False: the scan itself has something to do now, or is paused. */
  readonly mayGoOn: () => boolean
  /** Share of its time that it may be busy, in thousandths. */
  readonly duty: () => number
}

const lookAgainMs = 50

/** Counts an area in slices while something else goes on; null when it was over before the end. */
export async function measureArea(
  walk: Generator<WalkEntry>,
  { isOver, mayGoOn, duty }: Measuring,
): Promise<AreaSize | null> {
  let files = 0
  let bytes = 0
  while (!isOver()) {
    if (!mayGoOn()) {
      await wait(lookAgainMs)
      continue
    }
    const until = performance.now() + sliceMs
    while (performance.now() < until) {
      const next = walk.next()
      if (next.done) return { files, bytes }
      if (next.value.kind !== 'file') continue
      files += 1
      bytes += countedBytes(next.value.size)
    }
    const restMs = (sliceMs * (1000 - duty())) / duty()
    await (restMs >= 1 ? wait(restMs) : turn())
  }
  return null
}

function linkOf(entry: Extract<WalkEntry, { kind: 'file' }>): string | null {
  return entry.nlink > 1 ? `${entry.dev}:${entry.ino}` : null
}
