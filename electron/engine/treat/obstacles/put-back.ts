// Puts back what was cleared for a treatment: flags of what is still there, read-only mounts, swap files. Used after a treatment
// and by the recovery after a crash: doing it twice is doing it once. What cannot be put back stays cleared; the object matters more.
import { closeSync, fstatSync } from 'node:fs'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { ObstacleAct } from '#shared/files/treatment-lines.ts'
import { Folder, splitPath } from '../../files/dirfd.ts'
import { asProductError } from '../../files/fs-errors.ts'
import { sameInode } from '../../files/identity.ts'
import type { LinuxCalls } from '../../files/linux-calls.ts'
import { toBytes } from '../../files/path-text.ts'
import type { Machine } from './machine.ts'
import { mounts } from './mounts.ts'
import { onSameObject } from './same-object.ts'
import { swapOn } from './swap-file.ts'

/** Last cleared, first put back. */
export async function putBackCleared(
  machine: Machine,
  order: TreatmentOrder,
  acts: readonly ObstacleAct[],
): Promise<void> {
  const { calls } = machine
  if (calls === null) return
  for (const act of acts.toReversed()) {
    try {
      await putBack({ machine, calls, order }, act)
    } catch (error) {
      // The file or its folder is gone, or in use by now.
      if (!(asProductError(error) instanceof ProductError)) throw error
    }
  }
}

interface Back {
  readonly machine: Machine
  readonly calls: LinuxCalls
  readonly order: TreatmentOrder
}

async function putBack({ machine, calls, order }: Back, act: ObstacleAct): Promise<void> {
  switch (act.what) {
    case 'file-flags':
      return onSameObject(order, (fd) => calls.setFlags(fd, act.flags))
    case 'folder-flags':
      return onFolder(order, act, (fd) => calls.setFlags(fd, act.flags))
    case 'read-only':
      return remountReadOnly(machine, calls, act)
    case 'swap':
      if (swapOn(machine, toBytes(act.file)) !== undefined) return
      // The very file that was checked, whatever has its name by then.
      return onSameObject(order, (fd) => calls.swapOn(Buffer.from(`/proc/self/fd/${fd}`)))
    case 'mounted-over':
      // It hid the name of an object; nobody is served by hiding it again.
      return
  }
}

function onFolder(
  { object }: TreatmentOrder,
  was: { readonly dev: string; readonly ino: string },
  act: (fd: number) => void,
): void {
  const folder = Folder.open(splitPath(toBytes(object.path)).folder)
  try {
    const fd = folder.openForReading()
    try {
      if (sameInode(was, fstatSync(fd, { bigint: true }))) act(fd)
    } finally {
      closeSync(fd)
    }
  } finally {
    folder.close()
  }
}

function remountReadOnly(
  machine: Machine,
  calls: LinuxCalls,
  { mountPoint, onlyThisMount }: Extract<ObstacleAct, { what: 'read-only' }>,
): void {
  const path = toBytes(mountPoint)
  const mount = mounts(machine).findLast((one) => one.mountPoint.equals(path))
  if (mount !== undefined) calls.remount(path, { readOnly: true, onlyThisMount, flags: mount.flags })
}
