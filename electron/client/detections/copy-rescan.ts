// Has the engine look at the copies in Quarantine again after new databases, in the background: never beside a scan, and with
// pauses that keep it under half of the computer's time. Owns when, and the report; the engine knows what it has looked at.
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { codeOf } from '#shared/errors.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort, Timer } from '../ports.ts'

export interface CopyRescan {
  /** The databases may be others now. Begins a little later; does nothing where all was looked at with them. */
  check(): void
  stop(): void
}

export interface CopyRescanned {
  readonly looked: number
  readonly cleared: readonly QuarantineItem[]
}

export interface CopyRescanDeps {
  readonly engine: Pick<EngineService, 'call' | 'info' | 'usable'>
  readonly isScanning: () => boolean
  readonly clock: Clock
  readonly log: LogPort
  /** Some copies are proposed for restore, or are not any more. */
  readonly onChanged: () => void
  /** All copies were looked at. */
  readonly onDone: (result: CopyRescanned) => void
}

/** The start of the app and an update have better things to do. */
const startDelayMs = 60_000
const scanWaitMs = 30_000
const failureWaitMs = 10 * 60_000
/** Share of the computer's time, 0..1. */
const loadCeiling = 0.5
const shortestPauseMs = 200
const nothingLeft = Number.POSITIVE_INFINITY

export function createCopyRescan(deps: CopyRescanDeps): CopyRescan {
  const { engine, clock, log } = deps
  let timer: Timer | null = null
  let isRunning = false
  let isStopped = false
  /** Version of the databases with which everything was looked at. */
  let doneWith: string | null = null
  let looked = 0
  let cleared: QuarantineItem[] = []

  function later(ms: number): void {
    timer?.cancel()
    timer = isStopped || ms === nothingLeft ? null : clock.after(ms, () => void run())
  }

  async function run(): Promise<void> {
    if (isRunning || isStopped) return
    isRunning = true
    try {
      later(deps.isScanning() ? scanWaitMs : await someCopies())
    } catch (error) {
      log.warn('Quarantine not looked at again', { code: codeOf(error) })
      later(failureWaitMs)
    } finally {
      isRunning = false
    }
  }

  /** How long to wait before the next ones, ms. */
  async function someCopies(): Promise<number> {
    await engine.usable()
    const version = engine.info()?.databases.version ?? null
    const begunMs = clock.monotonicMs()
    const answer = await engine.call('quarantine.rescan', {})
    looked += answer.looked
    cleared = [...cleared, ...answer.cleared]
    if (answer.looked > 0) deps.onChanged()
    if (answer.left === 0) return finished(version)
    return Math.max(shortestPauseMs, ((clock.monotonicMs() - begunMs) * (1 - loadCeiling)) / loadCeiling)
  }

  function finished(version: string | null): number {
    if (looked > 0) deps.onDone({ looked, cleared })
    looked = 0
    cleared = []
    doneWith = version
    // Others may have come meanwhile.
    return version === (engine.info()?.databases.version ?? null) ? nothingLeft : shortestPauseMs
  }

  return {
    check() {
      const version = engine.info()?.databases.version ?? null
      if (isRunning || timer !== null || version === null || version === doneWith) return
      later(startDelayMs)
    },
    stop() {
      isStopped = true
      timer?.cancel()
    },
  }
}
