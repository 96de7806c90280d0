// Runs something soon after it was asked for, however often that was, and not more often than every so many ms.
import type { Clock, Timer } from '../ports.ts'

export interface Debounced {
  /** Asks for a run. */
  soon(): void
  /** Runs now if one was asked for. */
  flush(): void
  cancel(): void
}

export function debounced(clock: Clock, intervalMs: number, run: () => void): Debounced {
  let timer: Timer | null = null
  let lastMs = Number.NEGATIVE_INFINITY

  function fire(): void {
    timer = null
    lastMs = clock.monotonicMs()
    run()
  }

  return {
    soon() {
      if (timer) return
      timer = clock.after(Math.max(0, intervalMs - (clock.monotonicMs() - lastMs)), fire)
    },
    flush() {
      if (!timer) return
      timer.cancel()
      fire()
    },
    cancel() {
      timer?.cancel()
      timer = null
    },
  }
}
