// The last steps of a removal, the same for a fresh treatment and for one that a crash interrupted: processes that hold the
// file are dealt with, what remains is noted for a restart, and the moved name is removed.
// Never starts before the copy in Quarantine is safe, but where a person agreed to have none.
import { fstatSync } from 'node:fs'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { RestartReason, TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { Holder } from '#shared/files/treatment-lines.ts'
import { joinParts, partsOf } from '../files/dirfd.ts'
import { toBytes } from '../files/path-text.ts'
import { actsOf } from './active/texts.ts'
import { stepDone, type TreatContext } from './context.ts'
import { endHolders } from './holders.ts'
import { type Grabbed, orUnfinished } from './move.ts'
import { type SystemHold, systemHold } from './obstacles/system-hold.ts'
import { waitingOutcome } from './pending.ts'
import type { FoundHolder, HeldFile } from './processes.ts'

export interface Removal {
  readonly order: TreatmentOrder
  readonly grabbed: Grabbed
  /** The moved file, open: its inode cannot be used again while we look for holders. */
  readonly fd: number
  /** Undefined: a person agreed to delete it without a copy. */
  readonly quarantineId: QuarantineId | undefined
  /** The line that made every program load it was taken out before. */
  readonly wasPreloaded?: boolean
  /** How the treatment ends when nothing holds the file. */
  readonly final: TreatmentOutcome
  readonly curedSha256?: string
}

/** Removes the moved name; the outcome. Throws errno errors; then the name is still there. Throws Unfinished when nobody can tell. */
export async function finishRemoval(context: TreatContext, removal: Removal): Promise<TreatmentOutcome> {
  const { detectionId } = removal.order
  context.log.add({ kind: 'removing', detectionId, final: removal.final })
  await stepDone(context, 'removing')
  const hold = await systemHold(context, removal)
  const ended: FoundHolder[] = []
  const holders = await endHolders(heldFile(removal), context.ports.mayEnd, (holder) => ended.push(holder))
  const isHeld = holders.length > 0 || hold !== undefined
  const outcome = withEnded(isHeld ? wait(context, removal, { ...hold, holders }) : removal.final, ended)
  await stepDone(context, 'holders')
  removeName(removal.grabbed)
  orUnfinished(() => context.log.add({ kind: 'removed', detectionId }))
  await stepDone(context, 'removed')
  return outcome
}

/** What ran a file that is no active object: an infected program that was cured. */
function withEnded(outcome: TreatmentOutcome, ended: readonly FoundHolder[]): TreatmentOutcome {
  const acts = actsOf(ended, [], [])
  const takesActs = outcome.status === 'disinfected' || outcome.status === 'deleted' || outcome.status === 'at-restart'
  return acts === undefined || !takesActs ? outcome : { ...outcome, acts }
}

/** Done when it is on disk: until then nobody may say so. */
function removeName({ place: { folder }, name }: Grabbed): void {
  try {
    folder.unlink(name)
  } catch (error) {
    if (orUnfinished(() => folder.lstatIfThere(name)) !== undefined) throw error
  }
  orUnfinished(() => folder.sync())
}

function heldFile({ fd, grabbed, order }: Removal): HeldFile {
  const { dev, ino } = fstatSync(fd, { bigint: true })
  const moved = joinParts([...partsOf(grabbed.place.path), grabbed.name])
  return { dev, ino, paths: [moved, toBytes(order.object.path)] }
}

function noted({ pid, startTime, name, why }: FoundHolder): Holder {
  return { pid, startTime, name, ...(why === undefined ? {} : { why }) }
}

interface Held extends Partial<SystemHold> {
  readonly holders: readonly FoundHolder[]
}

function wait(context: TreatContext, removal: Removal, held: Held): TreatmentOutcome {
  const { order } = removal
  const record = {
    detectionId: order.detectionId,
    order,
    holders: held.holders.slice(0, 50).map(noted),
    bootToken: context.ports.bootToken(),
    ...(removal.quarantineId === undefined ? {} : { quarantineId: removal.quarantineId }),
    reason: reasonOf(context, removal, held),
    ...(held.module === undefined ? {} : { module: held.module }),
    final: removal.final,
    ...(removal.curedSha256 === undefined ? {} : { curedSha256: removal.curedSha256 }),
    removedAt: context.ports.now().toISOString(),
    attempts: 0,
  }
  context.pending.set(record)
  return waitingOutcome(record)
}

function reasonOf({ ports }: TreatContext, removal: Removal, { holders, reason }: Held): RestartReason {
  if (holders.some(({ runs }) => runs)) return 'running'
  if (holders.length === 0 && reason !== undefined) return reason
  const preloaded = Buffer.from(ports.machine.read('/etc/ld.so.preload'), 'latin1')
  const isPreloaded = removal.wasPreloaded === true || preloaded.includes(toBytes(removal.order.object.path))
  return isPreloaded ? 'preload' : 'mapped'
}
