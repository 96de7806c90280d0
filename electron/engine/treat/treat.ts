// Carries out treatment orders, one at a time: each detection once, whatever happens in between.
// Never decides what should be treated; the client's policy does.
import { mkdirSync, realpathSync } from 'node:fs'
import type { PendingResult, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import { withProductErrors } from '../files/fs-errors.ts'
import type { Vault } from '../quarantine/vault.ts'
import { carryOut } from './carry-out.ts'
import type { Rescan, TreatContext, TreatPorts } from './context.ts'
import { openPending, waitingOutcome } from './pending.ts'
import { recoverOne } from './recover.ts'
import { replayOne } from './replay.ts'
import { type Ended, openTreatmentLog } from './treatment-log.ts'

export interface TreaterOptions {
  readonly dataDir: string
  readonly vault: Vault
  readonly rescan: Rescan
  /** Default: none. */
  readonly recipes?: () => readonly CureRecipe[]
  readonly ports: TreatPorts
}

export interface Treater {
  /** Expected failures are outcomes. An order whose detection was dealt with already gets the old outcome. */
  treat(order: TreatmentOrder): Promise<TreatmentOutcome>
  /** Looks again at everything that waits for a restart; one result for each record. */
  replayPending(): Promise<PendingResult[]>
  /** Finishes or undoes what a crash interrupted; call before anything else. Outcomes of those orders. */
  recover(): Promise<PendingResult[]>
  close(): void
}

/** Opens the journals in `dataDir`. Throws ProductError when they cannot be used. */
export function createTreater(options: TreaterOptions): Treater {
  const dataDir = withProductErrors(() => {
    mkdirSync(options.dataDir, { recursive: true, mode: 0o700 })
    return realpathSync(options.dataDir)
  })
  const log = openTreatmentLog(dataDir, options.ports.now)
  const pending = openPending(dataDir, options.vault, options.ports.now)
  const context: TreatContext = { recipes: () => [], ...options, dataDir, log, pending }
  const inTurn = createQueue()
  return {
    treat: (order) => inTurn(() => treatOnce(context, order)),
    replayPending: () => inTurn(() => each(pending.all(), (record) => replayOne(context, record))),
    recover: () => inTurn(() => each(log.interrupted(), (item) => recoverOne(context, item))),
    close: () => {
      log.close()
      pending.close()
    },
  }
}

async function treatOnce(context: TreatContext, order: TreatmentOrder): Promise<TreatmentOutcome> {
  const interrupted = context.log.interrupted().find((item) => item.detectionId === order.detectionId)
  if (interrupted !== undefined) return (await recoverOne(context, interrupted)).outcome
  const waiting = context.pending.get(order.detectionId)
  if (waiting !== undefined) return waitingOutcome(waiting)
  const ended = context.log.ended(order.detectionId)
  return ended !== undefined && stands(ended, order) ? ended.outcome : carryOut(context, order)
}

/** A removal stands for good, a copy for the order to copy; a failure may be tried again. */
function stands(ended: Ended, order: TreatmentOrder): boolean {
  const { status } = ended.outcome
  if (status === 'deleted' || status === 'disinfected') return true
  return status === 'quarantined' && order.verb === 'copy-to-quarantine'
}

async function each<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await act(item))
  return results
}

/** Runs what is given one after the other; a failure does not stop what waits behind it. */
function createQueue(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const next = last.then(act, act)
    last = next
    return next
  }
}
