// Treatments that waited for a restart, looked at again: finished when nothing holds the object any more.
// SECURITY: what has the path now is treated only when its content is the detected one; anything else is left alone.
import { closeSync } from 'node:fs'
import type { FileIdentity } from '#shared/domain/object-report.ts'
import type { PendingResult, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import type { PendingRecord } from '#shared/files/treatment-lines.ts'
import { identityOfOpen } from '../files/content.ts'
import { withParent } from '../files/dirfd.ts'
import { asProductError } from '../files/fs-errors.ts'
import { toBytes } from '../files/path-text.ts'
import { sameBoot } from './boot-token.ts'
import { carryOut } from './carry-out.ts'
import type { TreatContext } from './context.ts'
import { endHolder } from './holders.ts'
import { isImageOlder, isInBootImage } from './obstacles/boot-image.ts'
import { isMountPoint } from './obstacles/mounts.ts'
import { swapOn } from './obstacles/swap-file.ts'
import { isModuleLeft } from './obstacles/system-hold.ts'
import { waitingOutcome } from './pending.ts'
import { holderIn } from './processes.ts'
import { openRegular } from './target.ts'

/** After this many restarts without success a person has to remove the object. */
const maxAttempts = 3

/** Looks at one record. It stays in the list exactly when the outcome is `at-restart`. */
export async function replayOne(context: TreatContext, record: PendingRecord): Promise<PendingResult> {
  const { detectionId } = record
  const done = context.log.ended(detectionId)
  if (done !== undefined && done.outcome.status !== 'at-restart') {
    context.pending.finish(detectionId)
    return { detectionId, outcome: done.outcome, attempts: record.attempts }
  }
  const restarted = !sameBoot(context.ports.bootToken(), record.bootToken)
  const attempts = record.attempts + (restarted ? 1 : 0)
  const held = restarted ? undefined : await holderLeft(context, record)
  if (held !== undefined) return { detectionId, outcome: held, attempts }
  const isInImage = restarted && isInOldImage(context, record)
  const isBack = isInImage || (restarted && isModuleLeft(context, record.module))
  const outcome = afterAttempts(isBack ? waitingOutcome(record) : await verify(context, record), {
    attempts,
    code: isInImage ? 'boot-image-old' : 'needs-manual-removal',
  })
  if (outcome.status === 'at-restart') keepWaiting(context, record, attempts)
  else {
    context.log.add({ kind: 'outcome', detectionId, verb: record.order.verb, outcome })
    context.pending.finish(detectionId)
  }
  return { detectionId, outcome, attempts }
}

/** The file is gone, and a copy of it runs with every start. */
function isInOldImage({ ports: { machine } }: TreatContext, { order, removedAt }: PendingRecord): boolean {
  if (removedAt === undefined || !isInBootImage(toBytes(order.object.path))) return false
  return isImageOlder(machine, Date.parse(removedAt))
}

interface Tried {
  readonly attempts: number
  /** Why a person is needed after the last of them. */
  readonly code: ErrorCode
}

function afterAttempts(outcome: TreatmentOutcome, { attempts, code }: Tried): TreatmentOutcome {
  if (outcome.status !== 'at-restart' || attempts < maxAttempts) return outcome
  const copy = outcome.quarantineId === undefined ? {} : { quarantineId: outcome.quarantineId }
  return { status: 'failed', code, ...copy }
}

function keepWaiting(context: TreatContext, record: PendingRecord, attempts: number): void {
  const now = context.pending.get(record.detectionId) ?? record
  context.pending.set({ ...now, bootToken: context.ports.bootToken(), attempts })
}

/** What holds the object is still there: the same process that cannot be ended now either, a mount, the swap space. */
async function holderLeft(context: TreatContext, record: PendingRecord): Promise<TreatmentOutcome | undefined> {
  if (isHeldBySystem(context, record) || isModuleLeft(context, record.module)) return waitingOutcome(record)
  const { identity, path } = record.order.object
  const file = { dev: BigInt(identity.dev), ino: BigInt(identity.ino), paths: [toBytes(path)] }
  for (const noted of record.holders) {
    const holder = holderIn(noted.pid, file)
    if (holder?.startTime !== noted.startTime) continue
    if (await endHolder(holder, file, context.ports.mayEnd)) continue
    return waitingOutcome({ ...record, holders: [noted] })
  }
  return undefined
}

/** Root tries again to take it away. */
function isHeldBySystem({ ports: { machine } }: TreatContext, { reason, order }: PendingRecord): boolean {
  // In the image that is used until the next start.
  if (reason === 'boot') return true
  const path = toBytes(order.object.path)
  if (machine.isRoot) return false
  if (reason === 'mounted') return isMountPoint(machine, path)
  return reason === 'swap' && swapOn(machine, path) !== undefined
}

async function verify(context: TreatContext, record: PendingRecord): Promise<TreatmentOutcome> {
  const there = await contentAt(toBytes(record.order.object.path))
  if (there === 'gone') return record.final ?? { status: 'gone' }
  if (there === 'other') return { status: 'changed' }
  if (there.sha256 === record.curedSha256) return record.final ?? { status: 'gone' }
  if (there.sha256 !== record.order.object.identity.sha256) return { status: 'changed' }
  // The detected content is (again) there: the verdict belongs to the content, so it is treated as what it is now.
  const order = { ...record.order, object: { ...record.order.object, identity: there } }
  return carryOut(context, order, await copyOf(context, record))
}

/**
 * The copy that the first try made, if it is whole: it has the file's rights as they were. A copy of a file that was removed
 * stays what it is.
 */
async function copyOf({ vault }: TreatContext, { final, quarantineId, order }: PendingRecord) {
  if (final !== undefined || quarantineId === undefined) return undefined
  vault.release(quarantineId)
  if (await vault.verify(quarantineId, order.object.identity.sha256)) return quarantineId
  vault.delete([quarantineId])
  return undefined
}

async function contentAt(path: Buffer): Promise<FileIdentity | 'gone' | 'other'> {
  try {
    return await withParent(path, async (folder, name) => {
      const fd = openRegular(folder, name)
      try {
        return await identityOfOpen(fd)
      } finally {
        closeSync(fd)
      }
    })
  } catch (error) {
    const known = asProductError(error)
    if (!(known instanceof ProductError)) throw error
    return known.code === 'object-gone' ? 'gone' : 'other'
  }
}
