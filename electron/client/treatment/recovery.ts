// What an earlier run or an earlier engine process left open: applies what the engine says about it. The engine tells it
// only once, so what cannot be written down is kept until it can.
import type { Detection } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { PendingResult } from '#shared/domain/treatment.ts'
import type { TreatmentIntent } from '#shared/files/detection-lines.ts'
import type { Ledger, LedgerEntry } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'

export interface Recovery {
  /** Throws when something of it failed; the next call goes on. */
  recover(): Promise<void>
  /** Asks again about what waits for a restart. The detections that something new is known of. */
  replay(): Promise<readonly DetectionId[]>
}

export interface RecoveryDeps {
  readonly ledger: Ledger
  readonly engine: Pick<EngineService, 'call'>
  readonly onSettled: (detection: Detection) => void
  readonly settled: (id: DetectionId) => void
  readonly settleRestore: (entry: LedgerEntry, intent: TreatmentIntent) => Promise<void>
}

export function createRecovery({ ledger, engine, onSettled, settled, settleRestore }: RecoveryDeps): Recovery {
  let unapplied: PendingResult[] = []
  /** One after the other: both take what is unapplied. */
  let turn: Promise<unknown> = Promise.resolve()

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = turn.then(act)
    turn = next.catch(() => undefined)
    return next
  }

  async function applyRest(): Promise<DetectionId[]> {
    const changed: DetectionId[] = []
    for (let next = unapplied[0]; next; next = unapplied[0]) {
      if (await apply(next)) changed.push(next.detectionId)
      unapplied = unapplied.slice(1)
    }
    return changed
  }

  /** True when that was new. */
  async function apply({ detectionId, outcome }: PendingResult): Promise<boolean> {
    const entry = ledger.get(detectionId)
    if (!entry || !isOpen(entry, outcome)) return false
    const { rev } = entry.detection
    const after = await ledger.settle(detectionId, outcome, entry.intent?.origin ?? { kind: 'restart' })
    settled(detectionId)
    if (after.rev !== rev) onSettled(after)
    return after.rev !== rev
  }

  async function replay(): Promise<DetectionId[]> {
    const before = await applyRest()
    unapplied = (await engine.call('treat.replayPending', {})).results
    return [...before, ...(await applyRest())]
  }

  async function recover(): Promise<void> {
    await applyRest()
    unapplied = (await engine.call('treat.recover', {})).results
    await replay()
    for (const entry of [...ledger.entries()])
      if (entry.intent?.act === 'restore') await settleRestore(entry, entry.intent)
  }

  return { recover: () => inTurn(recover), replay: () => inTurn(replay) }
}

/** True where the engine's word about an earlier order still says something new. */
function isOpen({ detection: { state, reason }, intent }: LedgerEntry, outcome: PendingResult['outcome']): boolean {
  const { status } = outcome
  const code = 'code' in outcome ? outcome.code : undefined
  if (intent || state === 'at-restart') return true
  // It was cut off and could be neither finished nor undone: anything else is news.
  if (state === 'failed' && reason === 'unfinished') return code !== 'unfinished'
  const isFailure = status === 'failed' || status === 'backup-failed'
  return (state === 'failed' || state === 'backup-failed') && !isFailure
}
