// Makes the folders of a path that are missing, so that a file can get back to where it was. Never follows a link.
import type { BigIntStats } from 'node:fs'
import { ProductError } from '#shared/errors.ts'
import { Folder, joinParts, partsOf } from './dirfd.ts'

/**
 * Opens a folder and makes what is missing of it, mode 0700 and with the owner of the folder above. `mayMakeIn`: asked about each
 * folder that something would be made in; otherwise ProductError `not-found`. Throws errno errors.
 */
export function makeFolders(path: Buffer, mayMakeIn: (above: BigIntStats) => boolean): Folder {
  let folder = Folder.open(joinParts([]))
  try {
    for (const part of partsOf(path)) {
      const isThere = folder.lstatIfThere(part) !== undefined
      const above = folder.stat()
      if (!isThere && !mayMakeIn(above)) throw new ProductError('not-found', 'folder')
      const next = isThere ? folder.openFolder(part) : folder.ensureFolder(part)
      if (!isThere) folder.sync()
      folder.close()
      folder = next
      if (!isThere && process.geteuid?.() === 0) folder.chown(Number(above.uid), Number(above.gid))
    }
    return folder
  } catch (error) {
    folder.close()
    throw error
  }
}
