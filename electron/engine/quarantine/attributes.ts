// What an original has besides its content: mode, owner, times, extended attributes and access control lists. Owns which of it
// is kept with a copy and which attributes are given back. SECURITY: what grants rights of the system (`security.*`, `trusted.*`) is never given back.
import type { BigIntStats } from 'node:fs'
import type { RestoreLoss } from '#shared/domain/treatment.ts'
import type { QuarantineMetadata, StoredAttribute } from '#shared/files/quarantine-file.ts'
import { errnoOf } from '../files/fs-errors.ts'
import { type Attribute, type LinuxCalls, linuxCalls } from '../files/linux-calls.ts'

type Kept = Pick<QuarantineMetadata, 'attributes' | 'attributesLeftOut'>

const mostBytes = 64 * 1024
const mostCount = 100

type Facts = Pick<QuarantineMetadata, 'mode' | 'uid' | 'gid' | 'atimeNs'> & Kept

/** Everything of an open file that goes into a copy's metadata besides its identity. `stat`: of this descriptor. */
export function keptFacts(fd: number, stat: BigIntStats): Facts {
  return {
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    atimeNs: (stat.atimeNs < 0n ? 0n : stat.atimeNs).toString(),
    ...keptAttributes(fd),
  }
}

/** What is kept of the attributes of an open file; nothing where the system's calls cannot be had. Throws errno errors. */
export function keptAttributes(fd: number, calls: Pick<LinuxCalls, 'attributes'> | null = linuxCalls() ?? null): Kept {
  if (calls === null) return {}
  let room = mostBytes
  const attributes: StoredAttribute[] = []
  let attributesLeftOut = 0
  // Access control lists first: what is left out for lack of room should not be who may read the file.
  for (const { name, value } of [...calls.attributes(fd)].sort((a, b) => Number(isAcl(b)) - Number(isAcl(a)))) {
    if (attributes.length >= mostCount || value.length > room || name.length > 255) attributesLeftOut += 1
    else {
      room -= value.length
      attributes.push({ name, value: value.toString('base64') })
    }
  }
  return { attributes, ...(attributesLeftOut > 0 ? { attributesLeftOut } : {}) }
}

export interface GiveBack {
  readonly metadata: Kept
  /** False: the lists name the wrong people. */
  readonly withAcl: boolean
}

/** Sets them on the restored file; what of them it does not have. Before its mode is set. Throws errno errors. */
export function giveAttributes(
  fd: number,
  { metadata, withAcl }: GiveBack,
  calls: Pick<LinuxCalls, 'setAttribute'> | null = linuxCalls() ?? null,
): Set<RestoreLoss> {
  const lost = new Set<RestoreLoss>()
  if ((metadata.attributesLeftOut ?? 0) > 0) lost.add('attributes')
  for (const { name, value } of metadata.attributes ?? []) {
    // The system labels a file by its own rules.
    if (name === 'security.selinux') continue
    const attribute = { name, value: Buffer.from(value, 'base64') }
    const given = mayGive(name, withAcl) && calls !== null && setIfPossible(fd, attribute, calls)
    if (!given) lost.add(isAcl({ name }) ? 'acl' : 'attributes')
  }
  return lost
}

function mayGive(name: string, withAcl: boolean): boolean {
  if (name.startsWith('security.') || name.startsWith('trusted.')) return false
  return withAcl || !isAcl({ name })
}

function isAcl({ name }: Pick<Attribute, 'name'>): boolean {
  return name.startsWith('system.')
}

const refusals = new Set(['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSPC', 'EDQUOT', 'E2BIG', 'ERANGE', 'EINVAL'])

/** A file system may have none, or none so large: the file is worth more than they are. */
function setIfPossible(fd: number, attribute: Attribute, calls: Pick<LinuxCalls, 'setAttribute'>): boolean {
  try {
    calls.setAttribute(fd, attribute)
    return true
  } catch (error) {
    if (refusals.has(errnoOf(error) ?? '')) return false
    throw error
  }
}
