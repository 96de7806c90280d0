// Acts on the object of an order while it still has its name: the same file by number and birth, whatever is in it.
// For acts on the file as such (flags, mode), never on its content.
import { type BigIntStats, closeSync, fstatSync } from 'node:fs'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { Folder, splitPath } from '../../files/dirfd.ts'
import { sameBirth, sameInode } from '../../files/identity.ts'
import { toBytes } from '../../files/path-text.ts'
import { openRegular } from '../target.ts'

/** Does nothing when another file has the name. Throws ProductError or errno errors when none can be opened. */
export async function onSameObject(
  { object }: Pick<TreatmentOrder, 'object'>,
  act: (fd: number, stat: BigIntStats) => void | Promise<void>,
): Promise<void> {
  const { folder: parent, name } = splitPath(toBytes(object.path))
  const folder = Folder.open(parent)
  try {
    const fd = openRegular(folder, name)
    try {
      const stat = fstatSync(fd, { bigint: true })
      if (sameInode(object.identity, stat) && sameBirth(object.identity, stat)) await act(fd, stat)
    } finally {
      closeSync(fd)
    }
  } finally {
    folder.close()
  }
}
