// Notices a scan thread that hangs: one that reads something and has given no sign of life for too long.
// Counts only time in which this process really ran: a machine that slept and a clock that was set are nobody's fault.
import type { ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import { limitsWith, readLimits } from '../limits/limits.ts'
import { cell } from './worker-protocol.ts'

/** Reading, opening and answering beyond what has a limit of its own. */
const spareMs = 30_000
/** As long as the second engine may take for one content. */
const secondEngineMs = 30_000
const leastMs = 120_000

/** What a file may take by its own limits, and then some: who takes longer ignores them. */
export function watchdogMsFor({ limits, secondEngine }: Pick<ScannerConfig, 'limits' | 'secondEngine'>): number {
  const { timeMs, patternTimeMs } = limitsWith(readLimits(limits))
  return Math.max(leastMs, timeMs + patternTimeMs + spareMs + (secondEngine === 'off' ? 0 : secondEngineMs))
}

/** A longer step between two looks was no time of the threads: the machine slept, or the process was stopped. */
const longestStepMs = 2000

interface Seen {
  sign: number
  ms: number
}

export class Watchdog {
  readonly #controls: readonly Int32Array[]
  readonly #now: () => number
  readonly #seen: readonly Seen[]
  #before: number

  /** `controls`: the cells of each thread. `now`: ms of a clock that never goes back. */
  constructor(controls: readonly Int32Array[], now: () => number = () => performance.now()) {
    this.#controls = controls
    this.#now = now
    this.#seen = controls.map(() => ({ sign: 0, ms: 0 }))
    this.#before = now()
  }

  /** To be called about twice a second. The thread that has been silent for `limitMs`; null: none. */
  look(limitMs: number): number | null {
    const now = this.#now()
    const stepMs = Math.min(longestStepMs, now - this.#before)
    this.#before = now
    for (const [index, seen] of this.#seen.entries()) {
      const sign = Atomics.load(this.#controls[index] ?? new Int32Array(1), cell.sign)
      seen.ms = sign !== 0 && sign === seen.sign ? seen.ms + stepMs : 0
      seen.sign = sign
      if (seen.ms >= limitMs) return index
    }
    return null
  }
}
