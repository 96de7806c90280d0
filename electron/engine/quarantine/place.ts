// Writes a restored file: under a name of ours first, so that nobody sees half of it, then under its own, which must be free
// or hold exactly what a cure left there. SECURITY: walks without following links and never replaces anything else.
import { closeSync, fsyncSync } from 'node:fs'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { RestoreLoss } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { WriteBytes } from '../files/atomic-write.ts'
import { hashOf, pieces } from '../files/content.ts'
import { Folder, splitPath } from '../files/dirfd.ts'
import { errnoOf } from '../files/fs-errors.ts'
import { makeFolders } from '../files/make-folders.ts'
import { temporaryName } from '../files/own-names.ts'
import { toFilePath } from '../files/path-text.ts'
import { openRegular } from '../treat/target.ts'
import { giveFacts } from './give-facts.ts'
import { giveLinks } from './give-links.ts'
import { keepReplaced, openReplaced, type Replaced } from './replaced.ts'
import type { RestoreLog } from './restore-log.ts'
import type { OpenedCopy, Vault } from './vault.ts'

export interface PlaceDeps {
  readonly vault: Pick<Vault, 'put' | 'delete'>
  readonly log: Pick<RestoreLog, 'add'>
  /** Raw writing. */
  readonly write: WriteBytes
}

/** Where a copy goes. */
export interface Place {
  readonly path: Buffer
  /** Where it came from: there the owner must be right, and what a cure left there may go. */
  readonly isOld: boolean
  /** Folders that are missing are made. */
  readonly makeFolder: boolean
}

export interface Placing {
  readonly copy: OpenedCopy
  readonly id: QuarantineId
  /** Descriptor of the content. */
  readonly plain: number
  readonly place: Place
  /** It is restored although something is found in it. */
  readonly detected: boolean
}

export interface Placed {
  readonly notKept: RestoreLoss[]
  /** The copy of what was there before. */
  readonly replaced?: QuarantineId
}

/** Throws ProductError `target-exists`, `not-found` (detail `folder`) and errno errors, before anything is written. */
export async function checkPlace(place: Place, copy: Pick<OpenedCopy, 'metadata'>): Promise<void> {
  const { folder: parent, name } = splitPath(place.path)
  const folder = openFolder(parent)
  if (folder === undefined && !place.makeFolder) throw new ProductError('not-found', 'folder')
  try {
    const replaced = folder && (await openReplaced(folder, name, { isOld: place.isOld, ...copy.metadata }))
    replaced?.close()
  } finally {
    folder?.close()
  }
}

/** Throws ProductError and errno errors; then the place is as it was. */
export async function putInPlace(deps: PlaceDeps, placing: Placing): Promise<Placed> {
  const { copy, place } = placing
  const { folder: parent, name } = splitPath(place.path)
  const folder = openFolder(parent) ?? makeFolders(parent, () => place.makeFolder)
  try {
    const before = await openReplaced(folder, name, { isOld: place.isOld, ...copy.metadata })
    try {
      const replaced = before && (await keepReplaced(deps.vault, copy, before))
      const notKept = await write(deps, placing, { folder, name, before, replaced })
      return { notKept: [...notKept], ...(replaced === undefined ? {} : { replaced }) }
    } finally {
      before?.close()
    }
  } finally {
    folder.close()
  }
}

interface Target {
  readonly folder: Folder
  readonly name: Buffer
  readonly before: Replaced | undefined
  readonly replaced: QuarantineId | undefined
}

async function write(deps: PlaceDeps, placing: Placing, target: Target): Promise<Set<RestoreLoss>> {
  const { id, copy, place } = placing
  const { folder } = target
  const { sha256 } = copy.metadata.identity
  const temporary = temporaryName()
  deps.log.add({ kind: 'begun', id, path: toFilePath(place.path), temporary: temporary.toString(), sha256 })
  // False while the name of ours may hold somebody else's file: then only the next start decides about it.
  const state = { isOurs: true }
  try {
    const notKept = await writeTemporary(deps, folder, temporary, placing)
    await giveName(deps, { ...target, temporary, state })
    folder.sync()
    if (!giveLinks(copy.metadata.links ?? [])) notKept.add('links')
    return notKept
  } catch (error) {
    if (target.replaced !== undefined && state.isOurs) deps.vault.delete([target.replaced])
    throw error
  } finally {
    if (state.isOurs) end(deps, folder, temporary)
  }
}

async function writeTemporary(
  { write }: PlaceDeps,
  folder: Folder,
  name: Buffer,
  { plain, copy, detected, place }: Placing,
): Promise<Set<RestoreLoss>> {
  const fd = folder.createFile(name)
  try {
    for await (const bytes of pieces(plain)) write(fd, bytes)
    const notKept = giveFacts(fd, { metadata: copy.metadata, detected, isOld: place.isOld })
    fsyncSync(fd)
    return notKept
  } finally {
    closeSync(fd)
  }
}

interface Naming extends Target {
  readonly temporary: Buffer
  readonly state: { isOurs: boolean }
}

async function giveName(deps: PlaceDeps, naming: Naming): Promise<void> {
  const { folder, name, temporary, before, state } = naming
  if (before === undefined) {
    if (!folder.renameToFree(temporary, folder, name)) throw new ProductError('target-exists')
    return
  }
  deps.log.add({ kind: 'swapping', temporary: temporary.toString(), replaced: before.identity.sha256 })
  state.isOurs = false
  if (!folder.exchange(temporary, name)) {
    state.isOurs = true
    throw new ProductError('target-exists')
  }
  // What came out is looked at again: somebody may have changed it, or put another file there, in the last moment.
  const isRight = await isStill(folder, temporary, before)
  if (!isRight) folder.exchange(temporary, name)
  state.isOurs = true
  if (!isRight) throw new ProductError('target-exists')
}

async function isStill(folder: Folder, name: Buffer, { stat, identity }: Replaced): Promise<boolean> {
  let fd: number | undefined
  try {
    fd = openRegular(folder, name)
    const now = folder.lstat(name)
    return now.ino === stat.ino && now.dev === stat.dev && (await hashOf(fd)) === identity.sha256
  } catch (error) {
    if (error instanceof ProductError) return false
    throw error
  } finally {
    if (fd !== undefined) closeSync(fd)
  }
}

/** Whatever has the name of ours goes; a line that cannot be written now is settled by the next start. */
function end({ log }: PlaceDeps, folder: Folder, temporary: Buffer): void {
  if (folder.lstatIfThere(temporary) !== undefined) folder.unlink(temporary)
  try {
    log.add({ kind: 'ended', temporary: temporary.toString() })
  } catch (error) {
    if (!(error instanceof ProductError)) throw error
  }
}

/** Undefined when it is not there. */
function openFolder(path: Buffer): Folder | undefined {
  try {
    return Folder.open(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
