// Treats an object with the rights of an administrator that a person grants for it: everything up to the copy in Quarantine is done
// here, the helper does the one act, and what came of it is looked at here again. Other treatments go on while the person is asked.
import { randomUUID } from 'node:crypto'
import { QuarantineId } from '#shared/domain/ids.ts'
import type { TreatmentActs, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { FolderMark } from '#shared/files/treatment-lines.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { toBytes } from '../../files/path-text.ts'
import { resumeActive } from '../active/active.ts'
import { carryOut, checkGuard, outcomeOfError } from '../carry-out.ts'
import { stepDone, type TreatContext, Unfinished } from '../context.ts'
import { storeCopy } from '../copy.ts'
import { markOf } from '../folder-mark.ts'
import { forbiddingFlags } from '../obstacles/flags.ts'
import { waitingOutcome } from '../pending.ts'
import { planFor } from '../plan.ts'
import { deletedOutcome } from '../remove.ts'
import { replayOne } from '../replay.ts'
import { openTarget, type Target } from '../target.ts'
import { whereaboutsOf } from '../whereabouts.ts'
import type { HelperProcess } from './at-work.ts'
import type { HelperAnswer, HelperRequest, HelperVerb } from './request.ts'

/** As many as an outcome holds. */
const mostActs = 20

/** What has to be asked of the helper, or the outcome where nothing has. */
export type Prepared =
  | { readonly kind: 'ended'; readonly outcome: TreatmentOutcome }
  | { readonly kind: 'ask'; readonly request: HelperRequest; readonly act: PreparedAct }

export type PreparedAct =
  | {
      readonly verb: 'delete'
      readonly order: TreatmentOrder
      readonly final: TreatmentOutcome
      /** The folder that it lies in. */
      readonly folder: FolderMark
    }
  | { readonly verb: 'clear-flags'; readonly order: TreatmentOrder; readonly copy: QuarantineId }
  | { readonly verb: 'unmount'; readonly order: TreatmentOrder }

/** Journals the order and makes the copy. Throws StepAborted and bugs only. */
export async function prepareElevated(context: TreatContext, order: TreatmentOrder): Promise<Prepared> {
  const waiting = context.pending.get(order.detectionId)
  if (waiting !== undefined) {
    if (waiting.reason !== 'mounted' || waiting.final !== undefined)
      return { kind: 'ended', outcome: waitingOutcome(waiting) }
    return asking({ verb: 'unmount', order: waiting.order })
  }
  const { detectionId, verb } = order
  context.log.add({ kind: 'intent', detectionId, order })
  await stepDone(context, 'intent')
  const prepared = await preparedFor(context, order)
  if (prepared.kind === 'ask') return prepared
  context.log.add({ kind: 'outcome', detectionId, verb, outcome: prepared.outcome })
  await stepDone(context, 'outcome')
  return prepared
}

async function preparedFor(context: TreatContext, order: TreatmentOrder): Promise<Prepared> {
  let target: Target | undefined
  try {
    target = await openTarget(order)
    return await prepareTarget(context, target)
  } catch (error) {
    return { kind: 'ended', outcome: outcomeOfError(error) }
  } finally {
    target?.close()
  }
}

async function prepareTarget(context: TreatContext, target: Target): Promise<Prepared> {
  const { order } = target
  const { detectionId, verb } = order
  if (verb === 'copy-to-quarantine') throw new ProductError('bad-request')
  const reason = await checkGuard(context, target)
  if (reason !== undefined) return { kind: 'ended', outcome: { status: 'protected', reason } }
  const plan = await planFor(target, verb, { now: context.ports.now(), recipes: context.recipes() })
  if (plan.kind === 'keep') return { kind: 'ended', outcome: { status: 'kept', code: plan.code } }
  if (plan.kind === 'cure' && !isImmutable(context, target)) throw new ProductError('needs-administrator')
  const id = QuarantineId.parse(randomUUID())
  context.log.add({ kind: 'storing', detectionId, quarantineId: id })
  await stepDone(context, 'storing')
  try {
    await storeCopy(context, target, id, plan)
  } catch (error) {
    const known = asProductError(error)
    if (!(known instanceof ProductError) || known.code === 'object-changed') throw known
    return { kind: 'ended', outcome: { status: 'backup-failed', code: known.code } }
  }
  await stepDone(context, 'stored')
  if (plan.kind === 'cure') return asking({ verb: 'clear-flags', order, copy: id })
  const final = await deletedOutcome(target, id)
  const folder = markOf(target.folder.stat())
  context.log.add({ kind: 'elevating', detectionId, final, place: folder })
  await stepDone(context, 'elevating')
  return asking({ verb: 'delete', order, final, folder })
}

/** Then the helper need not treat it: without the flags it is ours to cure. */
function isImmutable({ ports: { machine } }: TreatContext, target: Target): boolean {
  const answer = forbiddingFlags({ errno: 'EPERM', target, machine })
  return answer?.kind === 'clear' && answer.act.what === 'file-flags'
}

function asking(act: PreparedAct): Prepared {
  const { path, identity } = act.order.object
  const request = {
    version: 1,
    verb: act.verb satisfies HelperVerb,
    path: toBytes(path).toString('base64'),
    identity,
  } as const
  return { kind: 'ask', request, act }
}

/** Journals which process is given the request: from then on it may have been carried out. Throws ProductError when it cannot. */
export function noteAsked(
  context: TreatContext,
  { verb, order }: PreparedAct,
  { pid, startTime }: HelperProcess,
): void {
  // A mount is not journaled here: the object waits for a restart, with its copy, whatever comes of it.
  if (verb === 'unmount') return
  const { detectionId } = order
  context.log.add({ kind: 'asked', detectionId, pid, ...(startTime === undefined ? {} : { startTime }) })
}

/** What came of it, journaled. Throws StepAborted (Unfinished: the order stays open) and bugs only. */
export async function finishElevated(
  context: TreatContext,
  act: PreparedAct,
  answer: HelperAnswer,
): Promise<TreatmentOutcome> {
  const { order, verb } = act
  if (verb === 'unmount') return afterUnmount(context, order, answer)
  const { detectionId } = order
  if (verb === 'clear-flags' && answer.kind === 'done') {
    context.log.add({
      kind: 'outcome',
      detectionId,
      verb: order.verb,
      outcome: { status: 'failed', code: 'needs-administrator' },
    })
    return carryOut(context, order, act.copy)
  }
  const outcome = verb === 'delete' ? await afterDelete(context, act, answer) : refusedOutcome(context, answer)
  if (!('quarantineId' in outcome)) context.vault.delete([verb === 'delete' ? copyIn(act.final) : act.copy])
  context.log.add({ kind: 'outcome', detectionId, verb: order.verb, outcome })
  await stepDone(context, 'outcome')
  return outcome
}

async function afterUnmount(context: TreatContext, { detectionId }: TreatmentOrder, answer: HelperAnswer) {
  const record = context.pending.get(detectionId)
  // Something else settled it while the person was asked.
  if (record === undefined) return context.log.ended(detectionId)?.outcome ?? ({ status: 'gone' } as const)
  return answer.kind === 'done' ? (await replayOne(context, record)).outcome : waitingOutcome(record)
}

async function afterDelete(
  context: TreatContext,
  { order, final, folder }: Extract<PreparedAct, { verb: 'delete' }>,
  answer: HelperAnswer,
): Promise<TreatmentOutcome> {
  // SECURITY: an answer may be lost, or wrong. Only an object that is surely there needs no copy.
  const where = await whereaboutsOf(order, { folder })
  if (where === 'there') return refusedOutcome(context, answer)
  if (answer.kind === 'refused' && where === 'unknown') throw new Unfinished('its folder cannot be looked at')
  const outcome = answer.kind === 'done' ? heldOrDone(context, { order, final }, answer) : final
  // What starts the object by itself is the person's own to remove, and goes now that the object did.
  const settled = (await resumeActive(context, order, []).settle(outcome)) ?? outcome
  return answer.kind === 'done' ? withActs(settled, answer.acts) : settled
}

/** What the helper did besides comes first: it was before. */
function withActs(outcome: TreatmentOutcome, acts: TreatmentActs | undefined): TreatmentOutcome {
  if (acts === undefined || (outcome.status !== 'deleted' && outcome.status !== 'at-restart')) return outcome
  const own = outcome.acts
  const left = [...(acts.autostartLeft ?? []), ...(own?.autostartLeft ?? [])].slice(0, mostActs)
  return {
    ...outcome,
    acts: {
      ended: [...acts.ended, ...(own?.ended ?? [])].slice(0, mostActs),
      autostartRemoved: [...acts.autostartRemoved, ...(own?.autostartRemoved ?? [])].slice(0, mostActs),
      ...(left.length === 0 ? {} : { autostartLeft: left }),
    },
  }
}

/** The helper ended what it could. */
function heldOrDone(
  context: TreatContext,
  { order, final }: { readonly order: TreatmentOrder; readonly final: TreatmentOutcome },
  { holders, reason, module }: Extract<HelperAnswer, { kind: 'done' }>,
): TreatmentOutcome {
  if (holders.length === 0 && reason === undefined) return final
  const record = {
    detectionId: order.detectionId,
    order,
    holders,
    bootToken: context.ports.bootToken(),
    quarantineId: copyIn(final),
    ...(reason === undefined ? {} : { reason }),
    ...(module === undefined ? {} : { module }),
    final,
    attempts: 0,
  }
  context.pending.set(record)
  return waitingOutcome(record)
}

function refusedOutcome({ ports }: TreatContext, answer: HelperAnswer): TreatmentOutcome {
  if (answer.kind === 'done') return { status: 'failed', code: 'io-error' }
  const { code, protectedBy } = answer
  if (code === 'object-protected') return { status: 'protected', reason: protectedBy ?? '' }
  if (code === 'object-gone') return { status: 'gone' }
  if (code === 'object-changed') return { status: 'changed' }
  const canElevate = code === 'needs-administrator' && ports.elevation?.isOffered() === true
  return { status: 'failed', code, ...(canElevate ? { canElevate } : {}) }
}

function copyIn(final: TreatmentOutcome): QuarantineId {
  if (final.status !== 'deleted' || final.quarantineId === undefined) throw new Error('an elevated act deletes')
  return final.quarantineId
}
