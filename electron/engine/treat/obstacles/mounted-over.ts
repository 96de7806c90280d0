// A mount on the very name of the file: what was scanned lies on top of it, and the name cannot be moved.
// Root takes the mount away unless fstab wants it; then the object is opened and checked anew, for another may lie below.
import { Folder } from '../../files/dirfd.ts'
import { toFilePath } from '../../files/path-text.ts'
import { isMountPoint, optionsInFstab } from './mounts.ts'
import type { Obstacle, Stop } from './obstacle.ts'

export const mountedOver: Obstacle = ({ errno, target, machine }) => {
  if (errno !== 'EBUSY' || !isMountPoint(machine, target.path)) return undefined
  const { calls, isRoot } = machine
  if (calls === null || !isRoot || optionsInFstab(machine, target.path) !== undefined) return stays
  const { parent, name, path } = target
  return {
    kind: 'clear',
    act: { what: 'mounted-over', mountPoint: toFilePath(path) },
    clear: () => {
      const before = target.folder.stat()
      const folder = Folder.open(parent)
      try {
        // SECURITY: another folder may have its path by now.
        const now = folder.stat()
        if (now.ino !== before.ino || now.dev !== before.dev)
          throw Object.assign(new Error('ESTALE: another folder'), { code: 'ESTALE' })
        // Our own descriptor would keep the mount in use.
        target.close()
        calls.unmount(folder.pathOf(name))
      } finally {
        folder.close()
      }
    },
    otherwise: stays,
    reopen: true,
  }
}

const stays: Stop = { kind: 'restart', reason: 'mounted' }
