// Whether the object of an order is still at its name, as far as anybody may look. What cannot be looked at is never called gone.
// Never changes anything.
import { type BigIntStats, closeSync } from 'node:fs'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { FolderMark } from '#shared/files/treatment-lines.ts'
import { hashOf } from '../files/content.ts'
import { Folder, splitPath } from '../files/dirfd.ts'
import { asProductError } from '../files/fs-errors.ts'
import { sameBirth, sameInode } from '../files/identity.ts'
import { toBytes } from '../files/path-text.ts'
import { isMarked, isNoFolder } from './folder-mark.ts'
import { openRegular } from './target.ts'

/** `gone`: another file has the name, or none, on the volume the object was on. `unknown`: its volume or folder cannot be looked at. */
export type Whereabouts = 'there' | 'gone' | 'unknown'

export interface KnownVolume {
  /** The volume is known to be there. */
  readonly isThere?: boolean
  /** The folder it lay in. */
  readonly folder?: FolderMark | undefined
}

/** `there`: the very file, whatever is in it, or a file with its content. Throws bugs only. */
export async function whereaboutsOf({ object }: TreatmentOrder, known: KnownVolume = {}): Promise<Whereabouts> {
  const { folder: parent, name } = splitPath(toBytes(object.path))
  const isItsVolume = (stat: BigIntStats): boolean =>
    known.isThere === true ||
    object.identity.dev === `${stat.dev}` ||
    (known.folder !== undefined && isMarked(known.folder, stat))
  try {
    const folder = Folder.open(parent)
    try {
      if (await hasObject(folder, name, object.identity)) return 'there'
      return isItsVolume(folder.stat()) ? 'gone' : 'unknown'
    } finally {
      folder.close()
    }
  } catch (error) {
    if (!(asProductError(error) instanceof ProductError)) throw error
    return isNoFolder(error) && known.isThere === true ? 'gone' : 'unknown'
  }
}

async function hasObject(folder: Folder, name: Buffer, identity: FileIdentity): Promise<boolean> {
  const stat = folder.lstatIfThere(name)
  if (stat?.isFile() !== true) return false
  if (sameInode(identity, stat) && sameBirth(identity, stat)) return true
  // A file system that gives its files other numbers each time.
  if (Number(stat.size) !== identity.size) return false
  const fd = openRegular(folder, name)
  try {
    return (await hashOf(fd)) === identity.sha256
  } finally {
    closeSync(fd)
  }
}
