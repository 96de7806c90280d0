// Removes an object for good: moved away first, proved to be the right one, then deleted or replaced by its cured file; put back when
// any of that fails. Never starts before the copy is safe, but where a person agreed to have none; never loses what it moved.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { Active } from './active/active.ts'
import { StepAborted, stepDone, type TreatContext } from './context.ts'
import { type CuredFile, disinfected } from './cures/cured-file.ts'
import type { AloneCheck } from './cures/mail-lock.ts'
import { finishRemoval } from './finish.ts'
import { type Grabbed, grab, orUnfinished, placeUnder, putBack, verifyGrabbed } from './move.ts'
import { otherNames } from './other-names.ts'
import type { Target } from './target.ts'

export interface RemoveOrder {
  readonly target: Target
  /** Undefined: there is no copy. */
  readonly id: QuarantineId | undefined
  readonly cured: CuredFile | undefined
  /** Asked when the file has no name any more that others know. */
  readonly alone?: AloneCheck | undefined
  readonly active?: Active
}

/** Removes the object, or puts the cured file in its place. Throws what failed when it is where it was, else Unfinished. */
export async function remove(context: TreatContext, order: RemoveOrder): Promise<TreatmentOutcome> {
  const { target, cured } = order
  let grabbed: Grabbed | undefined
  let isOpen = true
  try {
    grabbed = await grab(context, target)
    const outcome = await removeGrabbed(context, order, grabbed)
    isOpen = false
    return outcome
  } catch (error) {
    if (!(error instanceof StepAborted)) {
      undo(target, grabbed, cured)
      context.pending.finish(target.order.detectionId)
      isOpen = false
    }
    throw error
  } finally {
    if (isOpen) grabbed?.place.folder.close()
    else grabbed?.place.close()
  }
}

async function removeGrabbed(
  context: TreatContext,
  { target, id, cured, alone, active }: RemoveOrder,
  grabbed: Grabbed,
): Promise<TreatmentOutcome> {
  await stepDone(context, 'grabbed')
  if (alone !== undefined && !(await alone())) {
    undo(target, grabbed, cured)
    return { status: 'kept', code: 'in-use' }
  }
  await verifyGrabbed(target, grabbed)
  await stepDone(context, 'verified')
  const placed = cured !== undefined && placeCured(target, grabbed, cured)
  if (cured !== undefined) await stepDone(context, 'cured-placed')
  await active?.endProcesses()
  return finishRemoval(context, {
    order: target.order,
    grabbed,
    fd: target.fd,
    quarantineId: id,
    wasPreloaded: active?.wasPreloaded() ?? false,
    final: placed && id !== undefined ? disinfected(id, cured.unkept) : await deletedOutcome(target, id),
    ...(placed ? { curedSha256: cured.sha256 } : {}),
  })
}

/** With the other names that the content stays under. */
export async function deletedOutcome(target: Target, id: QuarantineId | undefined): Promise<TreatmentOutcome> {
  const names = await otherNames(target)
  const found = names.length === 0 ? {} : { otherNames: names }
  const copy = id === undefined ? {} : { quarantineId: id }
  return { status: 'deleted', ...copy, otherLinks: Math.max(0, Number(target.stat.nlink) - 1), ...found }
}

/** False when another file took the name meanwhile: that one stays, the cured one goes. */
function placeCured(target: Target, grabbed: Grabbed, cured: CuredFile): boolean {
  const waiting: Grabbed = { place: { ...grabbed.place, folder: target.folder }, name: cured.name }
  const placed = placeUnder(waiting, target.folder, target.name)
  if (!placed) target.folder.unlink(cured.name)
  target.folder.sync()
  return placed
}

/** After a failed step: the object gets its name back unless it has it already. Throws Unfinished when it does not. */
function undo(target: Target, grabbed: Grabbed | undefined, cured: CuredFile | undefined): void {
  orUnfinished(() => {
    if (grabbed?.place.folder.lstatIfThere(grabbed.name) !== undefined) {
      // The cured file goes only if it is ours that has the name.
      if (cured !== undefined && target.folder.lstatIfThere(target.name)?.ino === cured.ino)
        target.folder.unlink(target.name)
      putBack(grabbed, target.folder, target.name)
    }
    // Last: nothing may keep the object from its name.
    if (cured !== undefined && target.folder.lstatIfThere(cured.name) !== undefined) target.folder.unlink(cured.name)
  })
}
