// What a crash left half done is finished when its copy is safe, and undone when it is not; then the order is tried once more.
// Owns the reading of an interrupted treatment's journal lines. Never replaces a file that has the original's name.
import { createHash } from 'node:crypto'
import { closeSync } from 'node:fs'
import type { PendingResult, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { ObstacleAct, TreatmentLine } from '#shared/files/treatment-lines.ts'
import { pieces } from '../files/content.ts'
import { type Folder, withParent } from '../files/dirfd.ts'
import { asProductError } from '../files/fs-errors.ts'
import { toBytes } from '../files/path-text.ts'
import { resumeActive } from './active/active.ts'
import { carryOut } from './carry-out.ts'
import type { TreatContext } from './context.ts'
import { disinfected } from './cures/cured-file.ts'
import { removeMailLock } from './cures/mail-lock.ts'
import { finishRemoval } from './finish.ts'
import { type GrabPlace, reopenPlace } from './grab-folder.ts'
import { type Grabbed, putBack } from './move.ts'
import { dropEdit } from './obstacles/edit-lines.ts'
import { putBackCleared } from './obstacles/put-back.ts'
import { rearm } from './obstacles/wait-for-restart.ts'
import { waitingOutcome } from './pending.ts'
import { isObject, openRegular } from './target.ts'
import type { Interrupted } from './treatment-log.ts'

/** An order that was begun this often without an outcome is not tried again by itself. */
const maxBegun = 2

/** Finishes or undoes one interrupted order; its outcome is journaled. */
export async function recoverOne(context: TreatContext, item: Interrupted): Promise<PendingResult> {
  const { detectionId, order } = item
  const facts = factsOf(item)
  const active = resumeActive(context, order, facts.since)
  // Moved away or not: what it runs ends before anybody asks who still holds it.
  if (facts.grabbing !== undefined) await active.endProcesses()
  let outcome = await active.settle(await settle(context, item, facts))
  await putBackCleared(context.ports.machine, order, facts.cleared)
  for (const { file, temp } of facts.edits) await dropEdit(toBytes(file), toBytes(temp))
  if (outcome === undefined && facts.defusing !== undefined) await rearm(order, facts.defusing.mode)
  if (outcome === undefined && facts.begun < maxBegun) {
    return { detectionId, outcome: await carryOut(context, order), attempts: 0 }
  }
  outcome ??= { status: 'failed', code: 'engine-crash' }
  context.log.add({ kind: 'outcome', detectionId, verb: order.verb, outcome })
  return { detectionId, outcome, attempts: 0 }
}

type LineOf<K extends TreatmentLine['kind']> = Extract<TreatmentLine, { kind: K }>

/** What the lines since the last beginning say. */
interface Facts {
  readonly begun: number
  readonly since: readonly TreatmentLine[]
  readonly storing: LineOf<'storing'> | undefined
  readonly cleared: readonly ObstacleAct[]
  readonly defusing: LineOf<'defusing'> | undefined
  readonly edits: readonly LineOf<'editing'>[]
  readonly cured: LineOf<'cured'> | undefined
  readonly locking: LineOf<'locking'> | undefined
  readonly grabbing: LineOf<'grabbing'> | undefined
  readonly elevating: LineOf<'elevating'> | undefined
  readonly removing: LineOf<'removing'> | undefined
}

function factsOf({ lines }: Interrupted): Facts {
  const since = lines.slice(lines.findLastIndex((line) => line.kind === 'intent'))
  const last = <K extends TreatmentLine['kind']>(kind: K): LineOf<K> | undefined =>
    since.findLast((line): line is LineOf<K> => line.kind === kind)
  return {
    begun: lines.filter((line) => line.kind === 'intent').length,
    since,
    storing: last('storing'),
    cleared: since.flatMap((line) => (line.kind === 'clearing' ? [line.act] : [])),
    defusing: last('defusing'),
    edits: since.filter((line): line is LineOf<'editing'> => line.kind === 'editing'),
    cured: last('cured'),
    locking: last('locking'),
    grabbing: last('grabbing'),
    elevating: last('elevating'),
    removing: last('removing'),
  }
}

/** The outcome, or undefined when everything is as before the order. */
async function settle(context: TreatContext, item: Interrupted, facts: Facts): Promise<TreatmentOutcome | undefined> {
  const { locking } = facts
  if (locking !== undefined) await withParentIfThere(item, (folder) => removeMailLock(folder, locking))
  const place = facts.grabbing === undefined ? undefined : reopenPlace(toBytes(facts.grabbing.folder))
  try {
    const grabbed = grabbedIn(place, facts)
    if (grabbed !== undefined) return await settleGrabbed(context, { item, facts, grabbed })
  } finally {
    place?.close()
  }
  const removing = facts.removing ?? facts.elevating
  if (removing !== undefined && !(await isStillThere(item))) return finalOf(context, item, removing.final)
  if (
    item.order.verb === 'copy-to-quarantine' &&
    (await copyIsSafe(context, item, facts)) &&
    facts.storing !== undefined
  ) {
    return { status: 'quarantined', quarantineId: facts.storing.quarantineId }
  }
  const waiting = await stillWaiting(context, item, facts)
  if (waiting !== undefined) return waiting
  await dropTraces(context, item, facts)
  return undefined
}

/** It was noted for the restart before, and nothing was done about it since: the note and its copy stay. */
async function stillWaiting(
  context: TreatContext,
  item: Interrupted,
  facts: Facts,
): Promise<TreatmentOutcome | undefined> {
  const waiting = context.pending.get(item.detectionId)
  const isSameCopy = waiting?.quarantineId !== undefined && waiting.quarantineId === facts.storing?.quarantineId
  if (waiting === undefined || !isSameCopy || waiting.final !== undefined) return undefined
  if (!(await copyIsSafe(context, item, facts)) || !(await isStillThere(item))) return undefined
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
    await withParent(toBytes(item.order.object.path), (folder, name) => putBack(grabbed, folder, name))
    await dropTraces(context, item, facts)
    return right ? undefined : { status: 'changed' }
  } catch (error) {
    const known = asProductError(error)
    if (!(known instanceof ProductError)) throw error
    return { status: 'failed', code: known.code }
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** How the removal was to end; undefined when a cured file was still to be put in place: then it is undone. */
async function plannedFinal(item: Interrupted, facts: Facts): Promise<TreatmentOutcome | undefined> {
  if (facts.removing !== undefined) return facts.removing.final
  if (facts.storing === undefined) return undefined
  const { quarantineId } = facts.storing
  const deleted: TreatmentOutcome = {
    status: 'deleted',
    quarantineId,
    otherLinks: Math.max(0, item.order.object.identity.nlink - 1),
  }
  const { cured } = facts
  if (cured === undefined) return deleted
  // A mailbox is never deleted here, and new mail may have come into the cured one.
  const isMailbox = facts.locking !== undefined
  const state = await withParentIfThere(item, async (folder, name) => {
    const written = folder.lstatIfThere(toBytes(cured.name)) !== undefined
    const taken = isMailbox && !written && folder.lstatIfThere(name) !== undefined
    return { written, placed: taken || (await hashIn(folder, name)) === cured.sha256 }
  })
  if (state?.placed === true) return disinfected(quarantineId, cured.unkept)
  return state?.written === true || isMailbox ? undefined : deleted
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

/** On another volume than the journal the move itself may not have reached the disk. */
async function isStillThere(item: Interrupted): Promise<boolean> {
  const sha256 = await withParentIfThere(item, hashIn)
  return sha256 === item.order.object.identity.sha256
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

/** Undefined when the folder is not there any more. */
async function withParentIfThere<T>(
  item: Interrupted,
  act: (folder: Folder, name: Buffer) => Promise<T> | T,
): Promise<T | undefined> {
  try {
    return await withParent(toBytes(item.order.object.path), act)
  } catch (error) {
    if (asProductError(error) instanceof ProductError) return undefined
    throw error
  }
}

function openIfRegular({ place, name }: Grabbed): number | undefined {
  try {
    return openRegular(place.folder, name)
  } catch (error) {
    if (error instanceof ProductError) return undefined
    throw error
  }
}

async function hashIn(folder: Folder, name: Buffer): Promise<string | undefined> {
  if (folder.lstatIfThere(name)?.isFile() !== true) return undefined
  const fd = openRegular(folder, name)
  try {
    const hash = createHash('sha256')
    for await (const piece of pieces(fd)) hash.update(piece)
    return hash.digest('hex')
  } finally {
    closeSync(fd)
  }
}
