// What is mounted where, as this process sees it, and what fstab says about it. Only reads.
import type { MountFlag } from '../../files/linux-calls.ts'
import { type Machine, unescaped } from './machine.ts'

export interface Mount {
  readonly id: number
  readonly mountPoint: Buffer
  readonly fileSystem: string
  /** The mount itself may not be written to, or the whole file system, or both. */
  readonly isReadOnly: boolean
  readonly isFileSystemReadOnly: boolean
  /** What a remount has to say again, or it is lost. */
  readonly flags: readonly MountFlag[]
}

const keptFlags: readonly MountFlag[] = [
  'nosuid',
  'nodev',
  'noexec',
  'noatime',
  'nodiratime',
  'relatime',
  'nosymfollow',
  'sync',
  'dirsync',
  'lazytime',
]

/** All mounts, oldest first. */
export function mounts(machine: Machine): Mount[] {
  return machine.read('/proc/self/mountinfo').split('\n').flatMap(mountIn)
}

/** `36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/sda rw,errors=continue` */
function mountIn(line: string): Mount[] {
  const [own, file] = line.split(' - ')
  const [id, , , , point, options = ''] = (own ?? '').split(' ')
  const [fileSystem, , superOptions = ''] = (file ?? '').split(' ')
  if (id === undefined || point === undefined || fileSystem === undefined) return []
  const all = new Set([...options.split(','), ...superOptions.split(',')])
  return [
    {
      id: Number(id),
      mountPoint: unescaped(point),
      fileSystem,
      isReadOnly: options.split(',').includes('ro'),
      isFileSystemReadOnly: superOptions.split(',').includes('ro'),
      flags: keptFlags.filter((flag) => all.has(flag)),
    },
  ]
}

export function isMountPoint(machine: Machine, path: Buffer): boolean {
  return mounts(machine).some(({ mountPoint }) => mountPoint.equals(path))
}

/** What fstab says about a mount point: its options, or undefined. */
export function optionsInFstab(machine: Machine, mountPoint: Buffer): readonly string[] | undefined {
  for (const line of machine.read('/etc/fstab').split('\n')) {
    const [source = '#', point, , options = 'defaults'] = line.trim().split(/\s+/)
    if (source.startsWith('#') || point === undefined) continue
    if (unescaped(point).equals(mountPoint)) return options.split(',')
  }
  return undefined
}
