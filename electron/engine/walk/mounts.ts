// Which folders are mount points that a walk leaves out: kernel interfaces and others without stored files of their own, and
// networks.
// Decided from the mount table, never from a folder's name.
import { readFileSync } from 'node:fs'

export type MountKind = 'local' | 'kernel' | 'network'

/** Kind of each mount point; keys are the path's bytes read as Latin-1. */
export type MountTable = ReadonlyMap<string, MountKind>

const kernelTypes = new Set(
  'proc sysfs devtmpfs devpts cgroup cgroup2 securityfs debugfs tracefs configfs pstore bpf mqueue hugetlbfs binfmt_misc autofs rpc_pipefs fusectl efivarfs selinuxfs nsfs nfsd fuse.portal fuse.lxcfs'.split(
    ' ',
  ),
)
const networkTypes = new Set(
  'nfs nfs4 cifs smb3 smbfs 9p virtiofs afs ceph glusterfs davfs lustre beegfs ncpfs coda'.split(' '),
)
/** FUSE file systems over local data; any other may be a network or never answer. */
const localFuse = new Set(
  'fuse.mergerfs fuse.bindfs fuse.encfs fuse.gocryptfs fuse.cryfs fuse.exfat fuse.ntfs-3g fuse.fuse-overlayfs fuse.squashfuse fuse.snapfuse'.split(
    ' ',
  ),
)

/** The mounts of this process; empty where there is no such table. */
export function readMounts(file = '/proc/self/mountinfo'): MountTable {
  try {
    return parseMounts(readFileSync(file, 'latin1'))
  } catch {
    return new Map()
  }
}

/** Reads a mount table (proc(5), mountinfo). A later mount on the same point hides an earlier one. */
export function parseMounts(text: string): MountTable {
  const mounts = new Map<string, MountKind>()
  for (const line of text.split('\n')) {
    const [before = '', after] = line.split(' - ')
    const point = before.split(' ')[4]
    const type = after?.split(' ')[0]
    if (point !== undefined && type !== undefined) mounts.set(plain(point), kindOf(type))
  }
  return mounts
}

/** Kind of the file system that a path lies on. */
export function mountKindOf(mounts: MountTable, path: Buffer): MountKind {
  let prefix = path.toString('latin1')
  while (prefix !== '') {
    const kind = mounts.get(prefix)
    if (kind !== undefined) return kind
    prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')))
  }
  return mounts.get('/') ?? 'local'
}

function kindOf(type: string): MountKind {
  if (kernelTypes.has(type)) return 'kernel'
  if (networkTypes.has(type)) return 'network'
  return type.startsWith('fuse.') && !localFuse.has(type) ? 'network' : 'local'
}

/** Blanks and backslashes are written in octal. */
function plain(point: string): string {
  return point.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
