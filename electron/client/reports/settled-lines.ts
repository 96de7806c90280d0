// History lines for acts on single objects: a running scan tells its own sum of what it treats by itself, and of many others in
// a short time the first are named and the rest counted. Owns which objects get a line.
import type { Detection } from '#shared/domain/detection.ts'
import type { ScanId } from '#shared/domain/ids.ts'
import type { Clock, Timer } from '../ports.ts'
import type { History } from './history.ts'
import { moreTreated, treated } from './object-sentences.ts'

export interface SettledLines {
  add(detection: Detection): void
  /** The app ends: what is only counted is told now. */
  flush(): void
}

export interface SettledLinesDeps {
  readonly clock: Clock
  readonly history: Pick<History, 'add'>
  readonly runningScan: () => ScanId | undefined
}

const named = 10
const windowMs = 10_000

export function createSettledLines({ clock, history, runningScan }: SettledLinesDeps): SettledLines {
  let windowStart = Number.NEGATIVE_INFINITY
  let lines = 0
  let more = 0
  let timer: Timer | null = null

  function flush(): void {
    timer?.cancel()
    timer = null
    if (more > 0) history.add(moreTreated(more))
    more = 0
  }

  /** What waits for a restart is worth a line of its own. */
  function isInSumOfScan({ scanId, state, history: steps }: Detection): boolean {
    const isItsScan = scanId !== undefined && scanId === runningScan()
    return isItsScan && state !== 'at-restart' && steps.at(-1)?.automatic === true
  }

  return {
    add(detection) {
      if (isInSumOfScan(detection)) return
      const now = clock.monotonicMs()
      if (now - windowStart > windowMs) {
        flush()
        windowStart = now
        lines = 0
      }
      if (lines < named) {
        lines += 1
        history.add(treated(detection))
        return
      }
      more += 1
      timer ??= clock.after(windowMs - (now - windowStart), flush)
    },
    flush,
  }
}
