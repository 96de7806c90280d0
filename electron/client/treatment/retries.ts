// When to try again what was put off: after a minute, then twice as long each time, an hour at most.
import type { DetectionId } from '#shared/domain/ids.ts'
import type { Clock, Timer } from '../ports.ts'

export interface Retries {
  later(id: DetectionId): void
  forget(id: DetectionId): void
  stop(): void
}

const firstMs = 60_000
const longestMs = 3_600_000

export function createRetries(clock: Clock, run: (id: DetectionId) => void): Retries {
  const planned = new Map<DetectionId, { readonly timer: Timer; readonly delayMs: number }>()
  let stopped = false
  return {
    later(id) {
      if (stopped) return
      const before = planned.get(id)
      before?.timer.cancel()
      const delayMs = Math.min(longestMs, before ? before.delayMs * 2 : firstMs)
      planned.set(id, { timer: clock.after(delayMs, () => run(id)), delayMs })
    },
    forget(id) {
      planned.get(id)?.timer.cancel()
      planned.delete(id)
    },
    stop() {
      stopped = true
      for (const { timer } of planned.values()) timer.cancel()
    },
  }
}
