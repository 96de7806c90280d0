// Gives a cured file what the original has besides its content: owner, rights, extended attributes, access lists, times.
// Owns the list of what could not be kept, and of what must not be: the right to run as somebody else was given to another content.
import { fchmodSync, fchownSync, futimesSync } from 'node:fs'
import type { UnkeptProperty } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { errnoOf } from '../../files/fs-errors.ts'
import { type Attribute, type LinuxCalls, linuxCalls } from '../../files/linux-calls.ts'
import type { Target } from '../target.ts'

const accessList = 'system.posix_acl_access'
const capability = 'security.capability'
/** Digests of the content that was: they fit no other. */
const digests: ReadonlySet<string> = new Set(['security.ima', 'security.evm'])
const [setUser, setGroup, groupExecute] = [0o4000n, 0o2000n, 0o010n]
/** The entry of an access list that is about the owning group. */
const groupEntry = 4

/**
 * Copies to the open new file; what of it is not as it was. Where an access list or the group is not, nobody gets more rights
 * than before. `calls`: null where the system has none. Throws ProductError `no-permission` when the owner cannot be kept, or errno errors.
 */
export function keepAttributes(
  { fd: from, stat }: Pick<Target, 'fd' | 'stat'>,
  to: number,
  calls: LinuxCalls | null = linuxCalls() ?? null,
): UnkeptProperty[] {
  const unkept = new Set<UnkeptProperty>()
  if (!keptOwner(stat, to)) unkept.add('group')
  if ((stat.mode & setUser) !== 0n || ((stat.mode & setGroup) !== 0n && (stat.mode & groupExecute) !== 0n))
    unkept.add('privileges')
  const originals = calls?.attributes(from) ?? []
  if (originals.some(({ name }) => name === capability)) unkept.add('privileges')
  const list = originals.find(({ name }) => name === accessList)
  fchmodSync(to, modeFor(stat, { hasGroup: !unkept.has('group'), list: undefined }))
  if (calls === null) unkept.add('attributes')
  else {
    for (const lost of copied(calls, originals, { to, hasGroup: !unkept.has('group') })) unkept.add(lost)
  }
  if (unkept.has('access-list')) fchmodSync(to, modeFor(stat, { hasGroup: !unkept.has('group'), list }))
  keepTimes(stat, to, calls)
  return [...unkept]
}

/** False when it is ours already and only its group cannot be kept. */
function keptOwner({ uid, gid }: Target['stat'], to: number): boolean {
  try {
    fchownSync(to, Number(uid), Number(gid))
    return true
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error
    if (Number(uid) !== process.geteuid?.()) throw new ProductError('no-permission', 'owner', { cause: error })
    return false
  }
}

/** Rights without those to run as somebody else. With an access list the rights of the group stand in it. */
function modeFor(
  { mode }: Target['stat'],
  { hasGroup, list }: { readonly hasGroup: boolean; readonly list: Attribute | undefined },
): number {
  const all = Number(mode & 0o1777n)
  const group = list === undefined ? (all >> 3) & 7 : groupRights(list.value) & (all >> 3)
  // Another group gets no more than everybody has.
  return (all & ~0o070) | ((hasGroup ? group : group & all & 7) << 3)
}

/** A list is a number of its version, then entries of eight bytes: kind, rights, who. */
function groupRights(list: Buffer): number {
  for (let at = 4; at + 8 <= list.length; at += 8)
    if (list.readUInt16LE(at) === groupEntry) return list.readUInt16LE(at + 2) & 7
  return 0
}

function copied(
  calls: LinuxCalls,
  originals: readonly Attribute[],
  { to, hasGroup }: { readonly to: number; readonly hasGroup: boolean },
): UnkeptProperty[] {
  const wanted = originals.filter(({ name }) => name !== capability && !digests.has(name))
  const present = calls.attributes(to)
  // A folder may give access lists to what is made in it: the original has its own or none.
  for (const { name } of present) if (!wanted.some((each) => each.name === name)) remove(calls, to, name)
  return wanted.flatMap(({ name, value }) => {
    if (present.some((each) => each.name === name && each.value.equals(value))) return []
    // It would speak of another group.
    if (name === accessList && !hasGroup) return ['access-list']
    return set(calls, to, { name, value }) ? [] : [propertyOf(name)]
  })
}

function propertyOf(name: string): UnkeptProperty {
  if (name.startsWith('system.posix_acl_')) return 'access-list'
  return name.startsWith('security.') ? 'security-label' : 'attributes'
}

const refusals: ReadonlySet<string | undefined> = new Set([
  ...['EPERM', 'EACCES', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'ENOSPC', 'EDQUOT', 'ERANGE', 'E2BIG', 'ENODATA'],
])

function set(calls: LinuxCalls, to: number, attribute: Attribute): boolean {
  try {
    calls.setAttribute(to, attribute)
    return true
  } catch (error) {
    if (refusals.has(errnoOf(error))) return false
    throw error
  }
}

/** What cannot be removed is the system's own label. */
function remove(calls: LinuxCalls, to: number, name: string): void {
  try {
    calls.removeAttribute(to, name)
  } catch (error) {
    if (!refusals.has(errnoOf(error))) throw error
  }
}

/** To the nanosecond where the system's call can be had, else to the microsecond. */
function keepTimes({ atimeNs, mtimeNs }: Target['stat'], to: number, calls: LinuxCalls | null): void {
  if (calls !== null) {
    try {
      calls.setTimes(to, atimeNs, mtimeNs)
      return
    } catch (error) {
      if (errnoOf(error) !== 'ENOSYS') throw error
    }
  }
  futimesSync(to, Number(atimeNs) / 1e9, Number(mtimeNs) / 1e9)
}
