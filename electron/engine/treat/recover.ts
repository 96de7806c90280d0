// What a crash left half done is finished when its copy is safe, and undone when it is not; then the order is tried once more.
// Owns the reading of an interrupted treatment's journal lines. Never replaces a file that has the original's name.
import { closeSync } from 'node:fs'
import type { PendingResult, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { splitPath } from '../files/dirfd.ts'
import { asProductError } from '../files/fs-errors.ts'
import { makeFolders } from '../files/make-folders.ts'
import { toBytes } from '../files/path-text.ts'
import { resumeActive } from './active/active.ts'
import { carryOut } from './carry-out.ts'
import { type TreatContext, Unfinished } from './context.ts'
import { disinfected } from './cures/cured-file.ts'
import { removeMailLock } from './cures/mail-lock.ts'
import { isAtWork } from './elevation/at-work.ts'
import { finishRemoval } from './finish.ts'
import { type GrabPlace, type PlaceSeen, reopenPlace } from './grab-folder.ts'
import { type Facts, factsOf } from './interrupted.ts'
import { type Grabbed, putBack } from './move.ts'
import { hashIn, withParentIfThere } from './named-place.ts'
import { dropEdit } from './obstacles/edit-lines.ts'
import { putBackCleared } from './obstacles/put-back.ts'
import { rearm } from './obstacles/wait-for-restart.ts'
import { waitingOutcome } from './pending.ts'
import { isObject, openRegular } from './target.ts'
import type { Interrupted } from './treatment-log.ts'
import { type Whereabouts, whereaboutsOf } from './whereabouts.ts'

/** An order that was begun this often without an outcome is not tried again by itself. */
const maxBegun = 2

/** Finishes or undoes one interrupted order; its outcome is journaled. Throws Unfinished when neither can be done now: it stays open. */
export function recoverOne(context: TreatContext, item: Interrupted): Promise<PendingResult> {
  return staysOpen(async () => {
    const { detectionId, order } = item
    const facts = factsOf(item)
    const active = resumeActive(context, order, facts.since)
    // Moved away or not: what it runs ends before anybody asks who still holds it.
    if (facts.grabbing !== undefined) await active.endProcesses()
    const settled = await active.settle(await settle(context, item, facts))
    await putBackBesides(context, item, { facts, isUndone: settled === undefined })
    if (settled === undefined && facts.begun < maxBegun)
      return { detectionId, outcome: await carryOut(context, order), attempts: 0 }
    const outcome = settled ?? { status: 'failed', code: 'engine-crash' }
    context.log.add({ kind: 'outcome', detectionId, verb: order.verb, outcome })
    return { detectionId, outcome, attempts: 0 }
  })
}

/**
 * Undoes one interrupted order as far as it is not done: no file is moved away or removed, no process ended, nothing begun anew.
 * Throws Unfinished when it cannot be undone now.
 */
export function undoOne(context: TreatContext, item: Interrupted): Promise<void> {
  return staysOpen(async () => {
    // SECURITY: as if no copy were safe, nothing is finished.
    const vault = { ...context.vault, verify: () => Promise.resolve(false) }
    const facts = factsOf(item)
    const settled = await settle({ ...context, vault }, item, facts)
    await resumeActive(context, item.order, facts.since).settle(undefined)
    await putBackBesides(context, item, { facts, isUndone: settled === undefined })
  })
}

/** What the system refuses keeps the order open: a disk that fails, a folder that may not be entered. */
async function staysOpen<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw asProductError(error) instanceof ProductError ? new Unfinished(error) : error
  }
}

/** What was cleared out of its way or written beside other files; its rights, when it stays. */
async function putBackBesides(
  { ports }: TreatContext,
  { order }: Interrupted,
  { facts, isUndone }: { readonly facts: Facts; readonly isUndone: boolean },
): Promise<void> {
  await putBackCleared(ports.machine, order, facts.cleared)
  for (const { file, temp } of facts.edits) await dropEdit(toBytes(file), toBytes(temp))
  if (isUndone && facts.defusing !== undefined) await rearm(order, facts.defusing.mode)
}

/** The outcome, or undefined when everything is as before the order. */
async function settle(context: TreatContext, item: Interrupted, facts: Facts): Promise<TreatmentOutcome | undefined> {
  const { locking } = facts
  if (locking !== undefined) await withParentIfThere(item, (folder) => removeMailLock(folder, locking))
  const seen = facts.grabbing && reopenPlace(toBytes(facts.grabbing.folder), facts.grabbing.place)
  let isOpen = true
  try {
    const grabbed = grabbedIn(seen?.place, facts)
    const outcome =
      grabbed === undefined
        ? await settleNamed(context, { item, facts, seen })
        : await settleGrabbed(context, { item, facts, grabbed })
    isOpen = false
    return outcome
  } finally {
    if (isOpen) seen?.place?.folder.close()
    else seen?.place?.close()
  }
}

interface NamedItem {
  readonly item: Interrupted
  readonly facts: Facts
  readonly seen: PlaceSeen | undefined
}

/** It does not lie where it was to be moved to. */
async function settleNamed(context: TreatContext, found: NamedItem): Promise<TreatmentOutcome | undefined> {
  const { item, facts } = found
  const where = await whereaboutsIn(found)
  // Before its place goes: nobody could tell any more.
  if (where === 'gone' && facts.grabbing !== undefined && facts.removed === undefined)
    context.log.add({ kind: 'removed', detectionId: item.detectionId })
  const removing = facts.removing ?? facts.elevating
  if (removing !== undefined && where === 'gone') return finalOf(context, item, removing.final)
  if (facts.grabbing !== undefined && where === 'gone') return goneByItself(context, item, facts)
  const { verb } = item.order
  if (verb === 'copy-to-quarantine' && facts.storing !== undefined && (await copyIsSafe(context, item, facts)))
    return { status: 'quarantined', quarantineId: facts.storing.quarantineId }
  const waiting = await stillWaiting(context, item, { facts, where })
  if (waiting !== undefined) return waiting
  await dropTraces(context, item, facts)
  return undefined
}

/**
 * Where the object is when it does not lie where it was to be moved to. SECURITY: as long as nobody can tell it may lie on a volume
 * that is not there, with what we wrote beside it. Throws Unfinished then: its copy stays.
 */
async function whereaboutsIn({ item, facts, seen }: NamedItem): Promise<Whereabouts> {
  if (facts.asked !== undefined && isAtWork(facts.asked)) throw new Unfinished('the helper is still at work')
  // Lines of earlier versions may name a place on another volume than the object's.
  const isThere = seen?.isSame === true && facts.grabbing?.place !== undefined
  const where = await whereaboutsOf(item.order, { isThere, folder: facts.elevating?.place })
  const { removing, removed, elevating, cured } = facts
  if (removed !== undefined) return where === 'there' ? where : 'gone'
  const isChanged = [seen, removing, elevating, cured].some((step) => step !== undefined)
  if (isChanged && (where === 'unknown' || (seen?.isSame === false && where !== 'there')))
    throw new Unfinished('its place cannot be looked at')
  return where
}

/** It lies in neither place, and it was not us: the copy is all there is, and stays. */
async function goneByItself(context: TreatContext, item: Interrupted, facts: Facts): Promise<TreatmentOutcome> {
  context.pending.finish(item.detectionId)
  const isSafe = await copyIsSafe(context, item, facts)
  const outcome: TreatmentOutcome | undefined = isSafe
    ? ((await plannedFinal(item, facts)) ?? deletedWith(item, facts))
    : undefined
  if (outcome?.status !== 'disinfected') await dropCuredTemp(item, facts)
  return outcome ?? { status: 'gone' }
}

/** It was noted for the restart before, and nothing was done about it since: the note and its copy stay. */
async function stillWaiting(
  context: TreatContext,
  item: Interrupted,
  { facts, where }: { readonly facts: Facts; readonly where: Whereabouts },
): Promise<TreatmentOutcome | undefined> {
  const waiting = context.pending.get(item.detectionId)
  const isSameCopy = waiting?.quarantineId !== undefined && waiting.quarantineId === facts.storing?.quarantineId
  if (waiting === undefined || !isSameCopy || waiting.final !== undefined) return undefined
  if (where !== 'there' || !(await copyIsSafe(context, item, facts))) return undefined
  await dropCuredTemp(item, facts)
  return waitingOutcome(waiting)
}

function grabbedIn(place: GrabPlace | undefined, facts: Facts): Grabbed | undefined {
  if (place === undefined || facts.grabbing === undefined) return undefined
  const name = toBytes(facts.grabbing.name)
  return place.folder.lstatIfThere(name) === undefined ? undefined : { place, name }
}

interface GrabbedItem {
  readonly item: Interrupted
  readonly facts: Facts
  readonly grabbed: Grabbed
}

async function settleGrabbed(context: TreatContext, found: GrabbedItem): Promise<TreatmentOutcome | undefined> {
  const { item, facts, grabbed } = found
  const fd = openIfRegular(grabbed)
  try {
    const right = fd !== undefined && (await isObject(fd, item.order.object.identity))
    const final = right && (await copyIsSafe(context, item, facts)) ? await plannedFinal(item, facts) : undefined
    if (fd !== undefined && final !== undefined && facts.storing !== undefined) {
      const cured =
        final.status === 'disinfected' && facts.cured !== undefined ? { curedSha256: facts.cured.sha256 } : {}
      const removal = { order: item.order, grabbed, fd, quarantineId: facts.storing.quarantineId, final, ...cured }
      const outcome = await finishRemoval(context, removal)
      if (outcome.status !== 'at-restart') context.pending.finish(item.detectionId)
      await dropCuredTemp(item, facts)
      return outcome
    }
    putBackTo(toBytes(item.order.object.path), grabbed)
    await dropTraces(context, item, facts)
    return right ? undefined : { status: 'changed' }
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Its folder is made again when somebody removed it meanwhile, on the volume that the file lies on and nowhere else. */
function putBackTo(path: Buffer, grabbed: Grabbed): void {
  const { folder: parent, name } = splitPath(path)
  const { dev } = grabbed.place.folder.stat()
  const folder = makeFolders(parent, (above) => above.dev === dev)
  try {
    putBack(grabbed, folder, name)
  } finally {
    folder.close()
  }
}

/** How the removal was to end; undefined when a cured file was still to be put in place: then it is undone. */
async function plannedFinal(item: Interrupted, facts: Facts): Promise<TreatmentOutcome | undefined> {
  if (facts.removing !== undefined) return facts.removing.final
  const deleted = deletedWith(item, facts)
  const { cured, storing } = facts
  if (storing === undefined || cured === undefined) return deleted
  // A mailbox is never deleted here, and new mail may have come into the cured one.
  const isMailbox = facts.locking !== undefined
  const state = await withParentIfThere(item, async (folder, name) => {
    const written = folder.lstatIfThere(toBytes(cured.name)) !== undefined
    const taken = isMailbox && !written && folder.lstatIfThere(name) !== undefined
    return { written, placed: taken || (await hashIn(folder, name)) === cured.sha256 }
  })
  if (state?.placed === true) return disinfected(storing.quarantineId, cured.unkept)
  return state?.written === true || isMailbox ? undefined : deleted
}

/** Undefined: no copy was made. */
function deletedWith(item: Interrupted, { storing }: Facts): TreatmentOutcome | undefined {
  if (storing === undefined) return undefined
  const otherLinks = Math.max(0, item.order.object.identity.nlink - 1)
  return { status: 'deleted', quarantineId: storing.quarantineId, otherLinks }
}

function finalOf(context: TreatContext, item: Interrupted, final: TreatmentOutcome): TreatmentOutcome {
  const waiting = context.pending.get(item.detectionId)
  return waiting === undefined ? final : waitingOutcome(waiting)
}

async function copyIsSafe(context: TreatContext, item: Interrupted, facts: Facts): Promise<boolean> {
  return (
    facts.storing !== undefined &&
    (await context.vault.verify(facts.storing.quarantineId, item.order.object.identity.sha256))
  )
}

/** The copy and the cured temp file of an order that is undone. */
async function dropTraces(context: TreatContext, item: Interrupted, facts: Facts): Promise<void> {
  context.pending.finish(item.detectionId)
  if (facts.storing !== undefined) context.vault.delete([facts.storing.quarantineId])
  await dropCuredTemp(item, facts)
}

async function dropCuredTemp(item: Interrupted, facts: Facts): Promise<void> {
  const { cured } = facts
  if (cured === undefined) return
  await withParentIfThere(item, (folder) => {
    const name = toBytes(cured.name)
    if (folder.lstatIfThere(name)?.isFile() === true) folder.unlink(name)
  })
}

function openIfRegular({ place, name }: Grabbed): number | undefined {
  try {
    return openRegular(place.folder, name)
  } catch (error) {
    if (error instanceof ProductError) return undefined
    throw error
  }
}
