// The place that an interrupted order's object has its name in, as far as it is there. Never changes anything by itself.
import { closeSync } from 'node:fs'
import { hashOf } from '../files/content.ts'
import { type Folder, withParent } from '../files/dirfd.ts'
import { toBytes } from '../files/path-text.ts'
import { isNoFolder } from './folder-mark.ts'
import { openRegular } from './target.ts'
import type { Interrupted } from './treatment-log.ts'

/** Undefined when the folder is not there any more. Throws errno errors. */
export async function withParentIfThere<T>(
  item: Interrupted,
  act: (folder: Folder, name: Buffer) => Promise<T> | T,
): Promise<T | undefined> {
  try {
    return await withParent(toBytes(item.order.object.path), act)
  } catch (error) {
    if (isNoFolder(error)) return undefined
    throw error
  }
}

/** SHA-256 of a regular file; undefined when there is none of this name. */
export async function hashIn(folder: Folder, name: Buffer): Promise<string | undefined> {
  if (folder.lstatIfThere(name)?.isFile() !== true) return undefined
  const fd = openRegular(folder, name)
  try {
    return await hashOf(fd)
  } finally {
    closeSync(fd)
  }
}
