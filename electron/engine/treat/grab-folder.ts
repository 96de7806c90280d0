// Where a file is moved before it is removed: a private folder on the same volume, so that moving is one rename and nobody
// else can reach the name. Owns the choice of that folder; never moves anything.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderMark } from '#shared/files/treatment-lines.ts'
import { Folder, joinParts, partsOf, splitPath } from '../files/dirfd.ts'
import { volumeFolderName } from '../files/own-names.ts'
import { isMarked, isNoFolder } from './folder-mark.ts'

/**
 * A folder to move into. `close` also removes a folder that was made for this on another volume and is empty again: only when the
 * journal says what became of what was in it. As long as it does not, `folder.close` leaves it to tell.
 */
export interface GrabPlace {
  readonly folder: Folder
  readonly path: Buffer
  close(): void
}

/**
 * Places to try, best first: the data folder, the highest folder of the file's volume that is ours, the file's own folder.
 * The next one is for when a rename into the last one fails with EXDEV. `parent`: path of the folder the file lies in.
 */
export function* grabPlaces(dataDir: string, parent: Buffer): Generator<GrabPlace> {
  const own = openPrivate(Buffer.from(join(dataDir, 'grab')), () => makeOwn(dataDir))
  if (own !== undefined) yield own
  const volume = volumeFolder(parent)
  if (volume !== undefined) yield volume
  const folder = Folder.open(parent)
  yield { folder, path: parent, close: () => folder.close() }
}

/** A place that an earlier run used. `isSame`: it is the very one, and what is not in it is nowhere. */
export interface PlaceSeen {
  readonly place: GrabPlace | undefined
  readonly isSame: boolean
}

/** Opens it again. `mark`: absent in lines of earlier versions. Throws errno errors when it cannot be looked at. */
export function reopenPlace(path: Buffer, mark: FolderMark | undefined): PlaceSeen {
  try {
    const folder = Folder.open(path)
    const removable = splitPath(path).name.equals(Buffer.from(volumeFolderName()))
    const place = removable ? removablePlace(folder, path) : { folder, path, close: () => folder.close() }
    return { place, isSame: mark === undefined || isMarked(mark, folder.stat()) }
  } catch (error) {
    if (!isNoFolder(error)) throw error
    // Not mounted, or removed by somebody: ours goes only after what was in it.
    return { place: undefined, isSame: false }
  }
}

function makeOwn(dataDir: string): void {
  mkdirSync(join(dataDir, 'grab'), { recursive: true, mode: 0o700 })
}

function openPrivate(path: Buffer, make: () => void): GrabPlace | undefined {
  try {
    make()
    const folder = Folder.open(path)
    if (isPrivate(folder)) return { folder, path, close: () => folder.close() }
    folder.close()
    return undefined
  } catch {
    // Not usable (read-only, a link on the way): the next place is tried.
    return undefined
  }
}

/** SECURITY: ours and closed to everybody else, or whoever can write there could swap what we are about to remove. */
function isPrivate(folder: Folder): boolean {
  const stat = folder.stat()
  return stat.uid === BigInt(process.geteuid?.() ?? 0) && (stat.mode & 0o077n) === 0n
}

function volumeFolder(parent: Buffer): GrabPlace | undefined {
  const highest = highestOwnFolder(parent)
  if (highest === undefined) return undefined
  const name = Buffer.from(volumeFolderName())
  const above = Folder.open(highest)
  try {
    const folder = above.ensureFolder(name)
    if (isPrivate(folder)) return removablePlace(folder, joinParts([...partsOf(highest), name]))
    folder.close()
    return undefined
  } catch {
    return undefined
  } finally {
    above.close()
  }
}

/** The first folder from the root down that is on the file's volume and belongs to us. */
function highestOwnFolder(parent: Buffer): Buffer | undefined {
  const parts = partsOf(parent)
  const uid = BigInt(process.geteuid?.() ?? 0)
  const here = Folder.open(parent)
  const { dev } = here.stat()
  here.close()
  for (let length = 0; length <= parts.length; length += 1) {
    const path = joinParts(parts.slice(0, length))
    const folder = Folder.open(path)
    const stat = folder.stat()
    folder.close()
    if (stat.dev === dev && stat.uid === uid) return path
  }
  return undefined
}

function removablePlace(folder: Folder, path: Buffer): GrabPlace {
  return {
    folder,
    path,
    close: () => {
      folder.close()
      removeIfEmpty(path)
    },
  }
}

function removeIfEmpty(path: Buffer): void {
  const { folder, name } = splitPath(path)
  try {
    const above = Folder.open(folder)
    try {
      above.removeFolder(name)
    } finally {
      above.close()
    }
  } catch {
    // Not empty: another treatment uses it, or a crash left something that recovery will look for.
  }
}
