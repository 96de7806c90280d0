// A file system or a mount that may not be written to. Where fstab wants it writable, root makes it writable for the treatment
// and read-only again afterwards; everywhere else a restart would not help either, so none is advised.
import { ProductError } from '#shared/errors.ts'
import { toFilePath } from '../../files/path-text.ts'
import { type Mount, mounts, optionsInFstab } from './mounts.ts'
import type { Blocked, Obstacle, Stop } from './obstacle.ts'

/** Made once and never written to. */
const neverWritable: ReadonlySet<string> = new Set(['squashfs', 'iso9660', 'udf', 'erofs', 'cramfs', 'romfs'])

export const readOnlyVolume: Obstacle = (blocked) => {
  const { errno, target, machine } = blocked
  if (errno !== 'EROFS') return undefined
  const mount = mounts(machine).find(({ id }) => id === target.folder.mountId())
  if (mount === undefined || machine.calls === null || !wantedWritable(blocked, mount)) return stays
  if (!machine.isRoot) return { kind: 'failed', error: new ProductError('needs-administrator', 'read-only') }
  const { calls } = machine
  const { mountPoint, flags } = mount
  const onlyThisMount = !mount.isFileSystemReadOnly
  return {
    kind: 'clear',
    act: { what: 'read-only', mountPoint: toFilePath(mountPoint), onlyThisMount },
    clear: () => calls.remount(mountPoint, { readOnly: false, onlyThisMount, flags }),
    otherwise: stays,
    reopen: false,
  }
}

const stays: Stop = { kind: 'failed', error: new ProductError('read-only-volume', 'EROFS') }

function wantedWritable({ machine }: Blocked, { mountPoint, fileSystem }: Mount): boolean {
  if (neverWritable.has(fileSystem)) return false
  const options = optionsInFstab(machine, mountPoint)
  return options !== undefined && !options.includes('ro')
}
