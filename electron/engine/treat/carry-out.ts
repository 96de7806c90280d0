// Carries out one order from its first step to its outcome. Every step that changes something is journaled before it.
// Never decides whether an object should be treated, and never acts on anything but the very file that was scanned.
import { randomUUID } from 'node:crypto'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { ProtectedReason, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { hashOf } from '../files/content.ts'
import { asProductError } from '../files/fs-errors.ts'
import { type Active, isItself, treatActive } from './active/active.ts'
import { StepAborted, stepDone, type TreatContext } from './context.ts'
import { storeCopy } from './copy.ts'
import type { CuredContent } from './cures/cure.ts'
import { type CureFailure, writeCured } from './cures/cured-file.ts'
import { type AloneCheck, withMailLock } from './cures/mail-lock.ts'
import { throughObstacles, WaitsForRestart } from './obstacles/obstacles.ts'
import { waitForRestart } from './obstacles/wait-for-restart.ts'
import { afterFailedCure, type Plan, type PlanWithoutCure, planFor } from './plan.ts'
import { type RemoveOrder, remove } from './remove.ts'
import { openTarget, type Target } from './target.ts'

/**
 * Journals the order, carries it out, journals the outcome. `copy`: made of this content by an earlier try.
 * Throws StepAborted (Unfinished: the order stays open) and bugs only.
 */
export async function carryOut(
  context: TreatContext,
  order: TreatmentOrder,
  copy?: QuarantineId,
): Promise<TreatmentOutcome> {
  const { detectionId, verb } = order
  context.log.add({ kind: 'intent', detectionId, order })
  await stepDone(context, 'intent')
  const outcome = await attempt(context, order, copy)
  context.log.add({ kind: 'outcome', detectionId, verb, outcome })
  await stepDone(context, 'outcome')
  return outcome
}

async function attempt(
  context: TreatContext,
  order: TreatmentOrder,
  copy: QuarantineId | undefined,
): Promise<TreatmentOutcome> {
  let target: Target
  try {
    target = await openTarget(order)
  } catch (error) {
    return outcomeOfError(error)
  }
  try {
    await stepDone(context, 'opened')
    return await treatTarget(context, target, copy)
  } catch (error) {
    return outcomeOfError(error)
  } finally {
    target.close()
  }
}

async function treatTarget(
  context: TreatContext,
  target: Target,
  copy: QuarantineId | undefined,
): Promise<TreatmentOutcome> {
  const { order } = target
  const { verb } = order
  if (verb === 'copy-to-quarantine') return withCopy(context, { target, plan: null }, async (id) => copied(id))
  const reason = await checkGuard(context, target)
  if (reason !== undefined) return { status: 'protected', reason }
  const plan = await planFor(target, verb, { now: context.ports.now(), recipes: context.recipes() })
  if (plan.kind === 'keep') return { status: 'kept', code: plan.code }
  if (plan.kind === 'delete' && isItself(order)) return deleteActive(context, { target, plan, copy })
  const act = (id: QuarantineId | undefined): Promise<TreatmentOutcome> =>
    throughObstacles(context, target, async (now) => {
      if (plan.kind === 'delete' || id === undefined) return remove(context, { target: now, id, cured: undefined })
      const replace = (alone?: AloneCheck): Promise<TreatmentOutcome> =>
        replaceByCured(context, { target: now, id, cure: plan.cure, alone }, (failure) =>
          afterFailedCure(verb, plan.nature, failure),
        )
      return plan.nature === 'mail-store' ? withMailLock(context, now, replace) : replace()
    })
  return withCopy(context, { target, plan, copy }, act)
}

/** The file is the malware itself: it goes together with what it runs and what starts it. */
function deleteActive(context: TreatContext, copying: Copying): Promise<TreatmentOutcome> {
  const { target } = copying
  const act = async (active: Active): Promise<TreatmentOutcome> => {
    const removeAll = (id: QuarantineId | undefined): Promise<TreatmentOutcome> =>
      throughObstacles(context, target, (now) => removeActive(context, active, { target: now, id }))
    try {
      return await withCopy(context, copying, removeAll)
    } catch (error) {
      return outcomeOfError(error)
    }
  }
  return treatActive(context, target.order, act)
}

async function removeActive(
  context: TreatContext,
  active: Active,
  removal: Pick<RemoveOrder, 'target' | 'id'>,
): Promise<TreatmentOutcome> {
  await active.removeEntries()
  const outcome = await remove(context, { ...removal, cured: undefined, active })
  await active.lookAgain()
  return outcome
}

function copied(id: QuarantineId | undefined): TreatmentOutcome {
  return id === undefined
    ? { status: 'backup-failed', code: 'backup-failed' }
    : { status: 'quarantined', quarantineId: id }
}

/** Why the guard of system files leaves it alone, or undefined. */
export function checkGuard({ ports }: TreatContext, { path, fd, order }: Target): Promise<ProtectedReason | undefined> {
  const sha256 = (): Promise<string> => Promise.resolve(order.object.identity.sha256)
  return ports.guard.check({ path, md5: () => hashOf(fd, 'md5'), sha256 })
}

interface CureOrder {
  readonly target: Target
  readonly id: QuarantineId
  readonly cure: CuredContent
  readonly alone: AloneCheck | undefined
}

/** Cures, or does what `otherwise` says when the cured file turns out to be no good. */
async function replaceByCured(
  context: TreatContext,
  { target, id, cure, alone }: CureOrder,
  otherwise: (failure: CureFailure) => PlanWithoutCure,
): Promise<TreatmentOutcome> {
  const written = await writeCured(context, target, cure)
  if (typeof written !== 'string') return remove(context, { target, id, cured: written, alone })
  const next = otherwise(written)
  if (next.kind === 'keep') return { status: 'kept', code: next.code }
  if (!isItself(target.order)) return remove(context, { target, id, cured: undefined })
  return treatActive(context, target.order, (active) => removeActive(context, active, { target, id }))
}

interface Copying {
  readonly target: Target
  /** Null: it is only copied. */
  readonly plan: Plan | null
  /** Of an earlier try. */
  readonly copy?: QuarantineId | undefined
}

/** Stores the copy, then acts. If the act fails and the object is where it was, the copy goes again. */
async function withCopy(
  context: TreatContext,
  { target, plan, copy }: Copying,
  act: (id: QuarantineId | undefined) => Promise<TreatmentOutcome>,
): Promise<TreatmentOutcome> {
  let id: QuarantineId | undefined = copy ?? QuarantineId.parse(randomUUID())
  context.log.add({ kind: 'storing', detectionId: target.order.detectionId, quarantineId: id })
  await stepDone(context, 'storing')
  try {
    if (copy === undefined) await storeCopy(context, target, id, plan)
  } catch (error) {
    const outcome = backupFailed(error)
    if (outcome.status !== 'backup-failed' || !mayLose(target.order)) return outcome
    id = undefined
  }
  await stepDone(context, 'stored')
  try {
    const outcome = await act(id)
    if (id !== undefined && !('quarantineId' in outcome)) context.vault.delete([id])
    return outcome
  } catch (error) {
    if (error instanceof StepAborted) throw error
    const known = asProductError(error)
    if (known instanceof WaitsForRestart) return waitForRestart(context, target.order, { id, reason: known.reason })
    if (known instanceof ProductError && known.code === 'in-use') return waitForRestart(context, target.order, { id })
    if (id !== undefined) context.vault.delete([id])
    if (canElevate(context, plan, known)) return { status: 'failed', code: 'needs-administrator', canElevate: true }
    throw error
  }
}

/** A person at the computer agreed to delete it although no copy can be kept. */
function mayLose({ verb, origin, withoutCopy }: TreatmentOrder): boolean {
  return withoutCopy === true && verb === 'delete' && origin.kind === 'local'
}

/** An administrator could delete it, or take away what keeps us from curing it. */
function canElevate({ ports }: TreatContext, plan: Plan | null, error: unknown): boolean {
  if (!(error instanceof ProductError) || error.code !== 'needs-administrator') return false
  return (plan?.kind === 'delete' || error.detail === 'immutable') && ports.elevation?.isOffered() === true
}

/** The content changed while it was copied: not a failed copy but another object. */
function backupFailed(error: unknown): TreatmentOutcome {
  const known = asProductError(error)
  if (!(known instanceof ProductError)) throw error
  return known.code === 'object-changed' ? { status: 'changed' } : { status: 'backup-failed', code: known.code }
}

/** The outcome that an expected failure stands for; anything else is thrown on. */
export function outcomeOfError(error: unknown): TreatmentOutcome {
  const known = asProductError(error)
  if (!(known instanceof ProductError)) throw error
  if (known.code === 'object-gone') return { status: 'gone' }
  if (known.code === 'object-changed') return { status: 'changed' }
  return { status: 'failed', code: known.code }
}
