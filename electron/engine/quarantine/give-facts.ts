// Gives a restored file what its original had besides its content: owner, attributes, mode, times, in the order in which one
// does not undo the other. SECURITY: never setuid or setgid, no right to run for what is still detected, and a group that
// cannot be given leaves nobody more rights than everybody has.
import { fchmodSync, fchownSync, fstatSync, futimesSync } from 'node:fs'
import type { RestoreLoss } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { QuarantineMetadata } from '#shared/files/quarantine-file.ts'
import { errnoOf } from '../files/fs-errors.ts'
import { linuxCalls } from '../files/linux-calls.ts'
import { giveAttributes } from './attributes.ts'

export interface FactsOrder {
  readonly metadata: QuarantineMetadata
  /** Something is still found in it. */
  readonly detected: boolean
  /** At its old place another owner would be wrong. */
  readonly isOld: boolean
}

/** What it does not have of it. Throws ProductError `needs-administrator` (detail `owner`) and errno errors. */
export function giveFacts(fd: number, { metadata, detected, isOld }: FactsOrder): Set<RestoreLoss> {
  const lost = giveOwner(fd, metadata, isOld)
  const withAcl = !lost.has('owner') && !lost.has('group')
  for (const loss of giveAttributes(fd, { metadata, withAcl })) lost.add(loss)
  if (!giveMode(fd, modeFor(metadata.mode, detected, lost))) lost.add('mode')
  if (!giveTimes(fd, metadata)) lost.add('times')
  if (metadata.identity.nlink > 1) lost.add('other-names')
  return lost
}

function giveOwner(fd: number, { uid, gid }: QuarantineMetadata, isOld: boolean): Set<RestoreLoss> {
  try {
    fchownSync(fd, uid, gid)
    return new Set()
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') throw error
    const now = fstatSync(fd)
    if (now.uid !== uid && isOld) throw new ProductError('needs-administrator', 'owner', { cause: error })
    const lost = new Set<RestoreLoss>()
    if (now.uid !== uid) lost.add('owner')
    if (now.gid !== gid) lost.add('group')
    return lost
  }
}

/** After the attributes: with an access control list the middle bits are what it grants at most. */
function modeFor(mode: number, detected: boolean, lost: Set<RestoreLoss>): number {
  if ((mode & 0o6000) !== 0) lost.add('special-mode')
  if (detected && (mode & 0o111) !== 0) lost.add('run')
  const others = mode & 0o007
  const shared = lost.has('group') ? (mode & 0o707) | ((others << 3) & mode) : mode
  return shared & (detected ? 0o666 : 0o777)
}

/** On some file systems the mount alone decides. */
function giveMode(fd: number, mode: number): boolean {
  try {
    fchmodSync(fd, mode)
  } catch (error) {
    if (errnoOf(error) !== 'EPERM' && errnoOf(error) !== 'ENOTSUP') throw error
  }
  return (fstatSync(fd).mode & 0o7777) === mode
}

/** To the nanosecond where the system can; then they are compared with what they should be. */
function giveTimes(fd: number, { atimeNs, identity }: QuarantineMetadata): boolean {
  const calls = linuxCalls()
  if (calls === undefined) futimesSync(fd, secondsOf(atimeNs), secondsOf(identity.mtimeNs))
  else calls.setTimes(fd, BigInt(atimeNs), BigInt(identity.mtimeNs))
  const now = fstatSync(fd, { bigint: true })
  return now.mtimeNs === BigInt(identity.mtimeNs)
}

/** Seconds with their fraction; a double keeps it to the microsecond. */
function secondsOf(ns: string): number {
  return Number(BigInt(ns) / 1000n) / 1e6
}
