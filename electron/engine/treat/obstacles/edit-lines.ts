// What an earlier version left beside a settings file when a crash came while it took lines out of it. Never writes anything.

import { ProductError } from '#shared/errors.ts'
import { type Folder, withParent } from '../../files/dirfd.ts'
import { asProductError } from '../../files/fs-errors.ts'

/** Removes what was written beside a file and did not take its place. */
export async function dropEdit(file: Buffer, temp: Buffer): Promise<void> {
  try {
    await withParent(file, (folder: Folder) => {
      if (folder.lstatIfThere(temp)?.isFile() === true) folder.unlink(temp)
    })
  } catch (error) {
    if (!(asProductError(error) instanceof ProductError)) throw error
  }
}
