// The object of an order, opened without following a link and proved to be the very file that was scanned.
// Never changes anything.
import { type BigIntStats, closeSync, fstatSync } from 'node:fs'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { hashOf } from '../files/content.ts'
import { Folder, splitPath } from '../files/dirfd.ts'
import { sameBirth, sameContentStamp, sameInode } from '../files/identity.ts'
import { toBytes } from '../files/path-text.ts'

export interface Target {
  readonly order: TreatmentOrder
  readonly path: Buffer
  readonly parent: Buffer
  readonly folder: Folder
  readonly name: Buffer
  /** Open for reading; keeps the inode from being used again until `close`. */
  readonly fd: number
  readonly stat: BigIntStats
  /** May be called twice. */
  close(): void
}

/**
 * Opens and checks. Throws ProductError `object-gone`, `object-changed`, `is-link`, `not-regular-file`, or an errno error.
 * ctime is left out of the check: our own undone moves change it, and the content is compared by hash anyway.
 */
export async function openTarget(order: TreatmentOrder): Promise<Target> {
  const path = toBytes(order.object.path)
  const { folder: parent, name } = splitPath(path)
  const folder = Folder.open(parent)
  let fd: number | undefined
  try {
    fd = openRegular(folder, name)
    const stat = fstatSync(fd, { bigint: true })
    if (!(await isObject(fd, order.object.identity))) throw new ProductError('object-changed')
    const opened = fd
    let isOpen = true
    const close = (): void => {
      // A number closed twice may belong to another file by then.
      if (isOpen) closeSync(opened)
      isOpen = false
      folder.close()
    }
    return { order, path, parent, folder, name, fd: opened, stat, close }
  } catch (error) {
    if (fd !== undefined) closeSync(fd)
    folder.close()
    throw error
  }
}

/** Opens a regular file. Throws ProductError `is-link` or `not-regular-file` for anything else. */
export function openRegular(folder: Folder, name: Buffer): number {
  const before = folder.lstat(name)
  if (before.isSymbolicLink()) throw new ProductError('is-link')
  if (!before.isFile()) throw new ProductError('not-regular-file')
  const fd = folder.openFile(name)
  if (fstatSync(fd).isFile()) return fd
  closeSync(fd)
  throw new ProductError('not-regular-file')
}

/** True when the open file is the scanned one: inode, birth, size, mtime and content. */
export async function isObject(fd: number, identity: FileIdentity): Promise<boolean> {
  const stat = fstatSync(fd, { bigint: true })
  const isSame = sameInode(identity, stat) && sameBirth(identity, stat) && sameContentStamp(identity, stat)
  if (!isSame) return false
  return (await hashOf(fd)) === identity.sha256
}
