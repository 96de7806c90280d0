// Looks again, every few minutes while the app runs, at objects that wait for a restart or for their place to be reached: what holds
// them may have ended by itself, their drive may be back.
// Owns the rhythm; what is found is applied by recovery.ts.
import type { Detection } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import { codeOf } from '#shared/errors.ts'
import type { Ledger } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort, Timer } from '../ports.ts'

export interface WaitingLook {
  /** Begins; does nothing when it has begun. */
  start(): void
  stop(): void
}

export interface WaitingLookDeps {
  readonly clock: Clock
  readonly log: LogPort
  readonly ledger: Pick<Ledger, 'entries'>
  readonly engine: Pick<EngineService, 'usable'>
  /** Asks the engine; the detections that something new is known of. */
  readonly replay: () => Promise<readonly DetectionId[]>
  /** What changed is looked at. */
  readonly followUp: (id: DetectionId) => Promise<void>
}

/** Often enough to be quiet about, seldom enough not to be noticed. */
export const lookAgainMs = 5 * 60_000

function isWaiting({ state, reason }: Detection): boolean {
  return state === 'at-restart' || reason === 'unfinished'
}

export function createWaitingLook({ clock, log, ledger, engine, replay, followUp }: WaitingLookDeps): WaitingLook {
  let timer: Timer | null = null
  let stopped = false

  async function look(): Promise<void> {
    const isAnyWaiting = [...ledger.entries()].some(({ detection }) => isWaiting(detection))
    if (!isAnyWaiting) return
    try {
      await engine.usable()
      await Promise.all((await replay()).map(followUp))
    } catch (error) {
      log.warn('waiting objects not looked at again', { code: codeOf(error) })
    }
  }

  function plan(): void {
    if (!stopped) timer = clock.after(lookAgainMs, () => void look().then(plan))
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
