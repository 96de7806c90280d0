// Symbolic links that pointed to an original and went with it, made again. Never follows one, never replaces anything.
import { ProductError } from '#shared/errors.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { Folder, splitPath } from '../files/dirfd.ts'
import { asProductError } from '../files/fs-errors.ts'
import { toBytes } from '../files/path-text.ts'

/** False when not all of them are there again; the file itself is restored all the same. */
export function giveLinks(links: NonNullable<QuarantineMetadata['links']>): boolean {
  return links.map(give).every(Boolean)
}

function give({ path, target }: NonNullable<QuarantineMetadata['links']>[number]): boolean {
  const { folder: parent, name } = splitPath(toBytes(path))
  let folder: Folder | undefined
  try {
    folder = Folder.open(parent)
    folder.symlink(toBytes(target), name)
    folder.sync()
    return true
  } catch (error) {
    if (asProductError(error) instanceof ProductError) return false
    throw error
  } finally {
    folder?.close()
  }
}
