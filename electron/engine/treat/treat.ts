// Carries out treatment orders, one at a time: each detection once, whatever happens in between.
// Never decides what should be treated; the client's policy does.
import { mkdirSync, realpathSync } from 'node:fs'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { PendingResult, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { CureRecipe } from '#shared/files/cure-recipe.ts'
import { asProductError, withProductErrors } from '../files/fs-errors.ts'
import { carryOut } from './carry-out.ts'
import { type Rescan, type TreatContext, type TreatPorts, Unfinished } from './context.ts'
import { finishElevated, noteAsked, type Prepared, prepareElevated } from './elevation/elevate.ts'
import { openPending, waitingOutcome } from './pending.ts'
import { recoverOne } from './recover.ts'
import { replayOne } from './replay.ts'
import { type Ended, openTreatmentLog } from './treatment-log.ts'

export interface TreaterOptions {
  readonly dataDir: string
  readonly vault: TreatContext['vault']
  readonly rescan: Rescan
  /** Default: none. */
  readonly recipes?: () => readonly CureRecipe[]
  readonly ports: TreatPorts
}

export interface Treater {
  /** Expected failures are outcomes; `unfinished` is one that stays open, see `recover`. An order whose detection was dealt with already gets the old outcome. */
  treat(order: TreatmentOrder): Promise<TreatmentOutcome>
  /** The same, after a person granted the rights of an administrator for it. Other orders are carried out meanwhile. */
  elevate(order: TreatmentOrder): Promise<TreatmentOutcome>
  /** Looks again at everything that waits for a restart and at what could not be recovered; one result for each of them. */
  replayPending(): Promise<PendingResult[]>
  /**
   * Finishes or undoes what a crash interrupted; call before anything else. Outcomes of those orders: `failed` with `unfinished` for
   * what can be neither finished nor undone now. It stays open and is tried again.
   */
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
  /** Those that a person is being asked about. */
  const elevating = new Map<DetectionId, Promise<TreatmentOutcome>>()
  const elevateOnce = (order: TreatmentOrder): Promise<TreatmentOutcome> => {
    const { detectionId } = order
    const running = elevating.get(detectionId)
    if (running !== undefined) return running
    const act = orUnfinished(() => elevate(context, order, inTurn)).finally(() => elevating.delete(detectionId))
    elevating.set(detectionId, act)
    return act
  }
  const recoverAll = (): Promise<PendingResult[]> => {
    // What a person is being asked about is under way, not interrupted.
    const left = log.interrupted().filter(({ detectionId }) => !elevating.has(detectionId))
    return each(left, (item) => {
      const { detectionId } = item
      return orLater(() => recoverOne(context, item), { detectionId, outcome: unfinished, attempts: 0 })
    })
  }
  const replayAll = (): Promise<PendingResult[]> =>
    each(pending.all(), (record) => {
      const { detectionId, attempts } = record
      return orLater(() => replayOne(context, record), { detectionId, outcome: waitingOutcome(record), attempts })
    })
  return {
    treat: (order) => elevating.get(order.detectionId) ?? inTurn(() => orUnfinished(() => treatOnce(context, order))),
    elevate: elevateOnce,
    replayPending: () => inTurn(async () => [...(await recoverAll()), ...(await replayAll())]),
    recover: () => inTurn(recoverAll),
    close: () => {
      log.close()
      pending.close()
    },
  }
}

const unfinished = { status: 'failed', code: 'unfinished' } as const

/** The order stays open, which is said as its outcome for now. */
async function orUnfinished(act: () => Promise<TreatmentOutcome>): Promise<TreatmentOutcome> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Unfinished) return unfinished
    throw error
  }
}

/** What cannot be looked at now keeps nobody else from it. */
async function orLater(act: () => Promise<PendingResult>, later: PendingResult): Promise<PendingResult> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof Unfinished) return { ...later, outcome: unfinished }
    if (asProductError(error) instanceof ProductError) return later
    throw error
  }
}

type InTurn = <T>(act: () => Promise<T>) => Promise<T>

async function elevate(context: TreatContext, order: TreatmentOrder, inTurn: InTurn): Promise<TreatmentOutcome> {
  const { elevation } = context.ports
  if (elevation === undefined) return inTurn(() => treatOnce(context, order))
  const prepared = await inTurn(() => prepareOnce(context, order))
  if (prepared.kind === 'ended') return prepared.outcome
  const { request, act } = prepared
  const { answer, release } = await elevation.run(request, (helper) => noteAsked(context, act, helper))
  try {
    return await inTurn(() => finishElevated(context, act, answer))
  } finally {
    await release()
  }
}

async function prepareOnce(context: TreatContext, order: TreatmentOrder): Promise<Prepared> {
  const interrupted = context.log.interrupted().find((item) => item.detectionId === order.detectionId)
  if (interrupted !== undefined) return { kind: 'ended', outcome: (await recoverOne(context, interrupted)).outcome }
  const ended = context.log.ended(order.detectionId)
  if (ended !== undefined && stands(ended, order)) return { kind: 'ended', outcome: ended.outcome }
  // What was wanted of it when an administrator was found to be needed.
  const isSame = ended?.outcome.status === 'failed' && ended.outcome.code === 'needs-administrator'
  return prepareElevated(context, isSame ? { ...order, verb: ended.verb } : order)
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
function createQueue(): InTurn {
  let last: Promise<unknown> = Promise.resolve()
  return (act) => {
    const next = last.then(act, act)
    last = next
    return next
  }
}
