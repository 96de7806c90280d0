// Looks again, every few minutes while the app runs, at objects that wait for a restart: what holds them may have ended by itself.
// Owns the rhythm only.
import type { Clock, Timer } from '../ports.ts'

export interface WaitingLook {
  /** Begins; does nothing when it has begun. */
  start(): void
  stop(): void
}

export interface WaitingLookDeps {
  readonly clock: Clock
  readonly isAnyWaiting: () => boolean
  /** Never rejects. */
  readonly look: () => Promise<void>
}

/** Often enough to be quiet about, seldom enough not to be noticed. */
export const lookAgainMs = 5 * 60_000

export function createWaitingLook({ clock, isAnyWaiting, look }: WaitingLookDeps): WaitingLook {
  let timer: Timer | null = null
  let stopped = false
  const plan = (): void => {
    if (!stopped) timer = clock.after(lookAgainMs, () => void run())
  }
  const run = async (): Promise<void> => {
    if (isAnyWaiting()) await look()
    plan()
  }
  return {
    start: () => {
      if (timer === null) plan()
    },
    stop: () => {
      stopped = true
      timer?.cancel()
    },
  }
}
