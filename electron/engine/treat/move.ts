// Moves a file into a private folder before it is removed, proves there that it is the right one, and puts it back if not.
// Never replaces anything that has a name, and never loses what it moved.
import { randomBytes } from 'node:crypto'
import { closeSync, fstatSync } from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import type { Folder } from '../files/dirfd.ts'
import { asProductError, errnoOf } from '../files/fs-errors.ts'
import { nameBeside } from '../files/own-names.ts'
import { toFilePath } from '../files/path-text.ts'
import { StepAborted, stepDone, type TreatContext, Unfinished } from './context.ts'
import { markOf } from './folder-mark.ts'
import { type GrabPlace, grabPlaces } from './grab-folder.ts'
import { isObject, openRegular, type Target } from './target.ts'

/** Free names tried beside one that is taken. */
const mostNames = 5

/** A file under a name that only we know. */
export interface Grabbed {
  readonly place: GrabPlace
  readonly name: Buffer
}

/**
 * Moves the object away. Throws errno errors; then it is where it was. Throws Unfinished when nobody can tell. The caller closes
 * the place.
 */
export async function grab(context: TreatContext, target: Target): Promise<Grabbed> {
  let last: unknown
  for (const place of grabPlaces(context.dataDir, target.parent)) {
    const name = Buffer.from(`.${randomBytes(12).toString('hex')}`)
    try {
      planMove(context, target, { place, name })
      await stepDone(context, 'grab-planned')
      moveAway(target, { place, name })
      syncMove(target.folder, place.folder)
      return { place, name }
    } catch (error) {
      if (error instanceof StepAborted) place.folder.close()
      else place.close()
      last = error
      if (errnoOf(error) !== 'EXDEV') throw error
    }
  }
  throw last
}

/** Never to another volume: that the journaled place is there has to tell that the object's volume is. Throws EXDEV then. */
function planMove(context: TreatContext, { folder, order }: Target, { place, name }: Grabbed): void {
  const stat = place.folder.stat()
  if (stat.dev !== folder.stat().dev) throw Object.assign(new Error('EXDEV: another volume'), { code: 'EXDEV' })
  context.log.add({
    kind: 'grabbing',
    detectionId: order.detectionId,
    folder: toFilePath(place.path),
    name: toFilePath(name),
    place: markOf(stat),
  })
}

/** A volume that fails, or one of the network, may have done what it says it could not do. */
function moveAway(target: Target, { place, name }: Grabbed): void {
  try {
    target.folder.rename(target.name, place.folder, name)
  } catch (error) {
    if (orUnfinished(() => place.folder.lstatIfThere(name)) === undefined) throw error
  }
}

/** An act, or a look, that must not fail now. Throws Unfinished where the system refuses. */
export function orUnfinished<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw asProductError(error) instanceof ProductError ? new Unfinished(error) : error
  }
}

/** Best effort: a recovery looks at both names anyway. */
function syncMove(from: Folder, to: Folder): void {
  for (const folder of [to, from]) {
    try {
      folder.sync()
    } catch {
      // The move is done; failing now would leave the object moved and nobody to put it back.
    }
  }
}

/**
 * Proves that what was moved is the scanned object. Otherwise puts it back and throws ProductError `object-changed`, or Unfinished
 * when it cannot be put back.
 */
export async function verifyGrabbed(target: Target, grabbed: Grabbed): Promise<void> {
  if (await isRightOne(target, grabbed)) return
  orUnfinished(() => putBack(grabbed, target.folder, target.name))
  throw new ProductError('object-changed')
}

/**
 * Gives a moved file its name again. When that name is taken the file gets a free name beside it; nothing is replaced. Throws errno
 * errors, or ProductError `target-exists` when names are taken again and again: then it is where it was, or has its name.
 */
export function putBack(grabbed: Grabbed, folder: Folder, name: Buffer): void {
  const names = [name, ...Array.from({ length: mostNames }, () => nameBeside(name))]
  if (!names.some((free) => placeUnder(grabbed, folder, free))) throw new ProductError('target-exists')
  folder.sync()
}

/** Moves a file to a name that must be free. False when it is taken; then the file is where it was. */
export function placeUnder(grabbed: Grabbed, folder: Folder, name: Buffer): boolean {
  return grabbed.place.folder.renameToFree(grabbed.name, folder, name)
}

async function isRightOne(target: Target, grabbed: Grabbed): Promise<boolean> {
  let fd: number | undefined
  try {
    fd = openRegular(grabbed.place.folder, grabbed.name)
    const stat = fstatSync(fd, { bigint: true })
    const sameInode = stat.ino === target.stat.ino && stat.dev === target.stat.dev
    return sameInode && (await isObject(fd, target.order.object.identity))
  } catch (error) {
    if (error instanceof ProductError) return false
    throw error
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}
