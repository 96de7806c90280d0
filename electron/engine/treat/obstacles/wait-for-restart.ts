// An object that could not be moved (a mount on it, a swap file): it is noted for the next restart, and at once made unable to
// start again. Owns that note and the loss of its rights to be executed; the treatment itself is repeated by replay.ts.
import { fchmodSync } from 'node:fs'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { RestartReason, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { stepDone, type TreatContext } from '../context.ts'
import { waitingOutcome } from '../pending.ts'
import { onSameObject } from './same-object.ts'

/** To be executed, and to be executed as somebody else. */
const executing = 0o6111

/** Notes the order; its copy in Quarantine is held until it is done. */
export async function waitForRestart(
  context: TreatContext,
  order: TreatmentOrder,
  { id, reason }: { readonly id: QuarantineId | undefined; readonly reason?: RestartReason },
): Promise<TreatmentOutcome> {
  await defuse(context, order)
  const record = {
    detectionId: order.detectionId,
    order,
    holders: [],
    bootToken: context.ports.bootToken(),
    ...(id === undefined ? {} : { quarantineId: id }),
    ...(reason === undefined ? {} : { reason }),
    attempts: 0,
  }
  context.pending.set(record)
  const outcome = waitingOutcome(record)
  // An administrator could take the mount away now.
  const canElevate = reason === 'mounted' && context.ports.elevation?.isOffered() === true
  return canElevate ? { ...outcome, canElevate } : outcome
}

async function defuse(context: TreatContext, order: TreatmentOrder): Promise<void> {
  try {
    await onSameObject(order, async (fd, stat) => {
      const mode = Number(stat.mode & 0o7777n)
      if ((mode & executing) === 0) return
      context.log.add({ kind: 'defusing', detectionId: order.detectionId, mode })
      await stepDone(context, 'defusing')
      fchmodSync(fd, mode & ~executing)
      await stepDone(context, 'defused')
    })
  } catch (error) {
    // Not ours to change, or on a read-only volume: it waits as it is.
    if (!(asProductError(error) instanceof ProductError)) throw error
  }
}

/** Gives an object its rights back when the treatment that took them was undone. */
export async function rearm(order: TreatmentOrder, mode: number): Promise<void> {
  try {
    await onSameObject(order, (fd) => fchmodSync(fd, mode))
  } catch (error) {
    // Gone, or not ours any more.
    if (!(asProductError(error) instanceof ProductError)) throw error
  }
}
