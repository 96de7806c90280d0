// A clock that tests move. Timers run in order when their moment comes; real timers play no part.
import type { Clock } from '../clock.ts'

export interface ManualClock extends Clock {
  advance(ms: number): Promise<void>
}

export function manualClock(start = new Date()): ManualClock {
  let now = start.getTime()
  const timers = new Set<{ at: number; run: () => void }>()
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    now: () => new Date(now),
    after: (ms, run) => {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    advance: async (ms) => {
      const end = now + ms
      for (;;) {
        const next = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
        if (!next) break
        // Days at once: repeated jobs run at most once a step.
        now = Math.max(now, next.at)
        timers.delete(next)
        next.run()
        await settle()
        if (end - now > 120_000 && ms > 600_000) now = end - 60_000
      }
      now = end
      await settle()
    },
  }
}
