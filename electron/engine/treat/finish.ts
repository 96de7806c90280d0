// The last steps of a removal, the same for a fresh treatment and for one that a crash interrupted: processes that hold the
// file are dealt with, what remains is noted for a restart, and the moved name is removed.
// Never starts before the copy in Quarantine is safe.
import { fstatSync } from 'node:fs'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { TreatmentOrder, TreatmentOutcome } from '#shared/domain/treatment.ts'
import type { Holder } from '#shared/files/treatment-lines.ts'
import { joinParts, partsOf } from '../files/dirfd.ts'
import { toBytes } from '../files/path-text.ts'
import { stepDone, type TreatContext } from './context.ts'
import { endHolders } from './holders.ts'
import type { Grabbed } from './move.ts'
import { waitingOutcome } from './pending.ts'
import type { FoundHolder, HeldFile } from './processes.ts'

export interface Removal {
  readonly order: TreatmentOrder
  readonly grabbed: Grabbed
  /** The moved file, open: its inode cannot be used again while we look for holders. */
  readonly fd: number
  readonly quarantineId: QuarantineId
  /** How the treatment ends when nothing holds the file. */
  readonly final: TreatmentOutcome
  readonly curedSha256?: string
}

/** Removes the moved name; the outcome. Throws errno errors. */
export async function finishRemoval(context: TreatContext, removal: Removal): Promise<TreatmentOutcome> {
  const { detectionId } = removal.order
  context.log.add({ kind: 'removing', detectionId, final: removal.final })
  await stepDone(context, 'removing')
  const holders = await endHolders(heldFile(removal), context.ports.mayEnd)
  const outcome = holders[0] === undefined ? removal.final : wait(context, removal, [holders[0], ...holders.slice(1)])
  await stepDone(context, 'holders')
  removal.grabbed.place.folder.unlink(removal.grabbed.name)
  removal.grabbed.place.folder.sync()
  await stepDone(context, 'removed')
  return outcome
}

function heldFile({ fd, grabbed, order }: Removal): HeldFile {
  const { dev, ino } = fstatSync(fd, { bigint: true })
  const moved = joinParts([...partsOf(grabbed.place.path), grabbed.name])
  return { dev, ino, paths: [moved, toBytes(order.object.path)] }
}

function noted({ pid, startTime, name, why }: FoundHolder): Holder {
  return { pid, startTime, name, ...(why === undefined ? {} : { why }) }
}

function wait(
  context: TreatContext,
  removal: Removal,
  holders: readonly [FoundHolder, ...FoundHolder[]],
): TreatmentOutcome {
  const record = {
    detectionId: removal.order.detectionId,
    order: removal.order,
    holders: holders.slice(0, 50).map(noted),
    bootToken: context.ports.bootToken(),
    quarantineId: removal.quarantineId,
    reason: holders[0].runs ? ('running' as const) : ('mapped' as const),
    final: removal.final,
    ...(removal.curedSha256 === undefined ? {} : { curedSha256: removal.curedSha256 }),
    attempts: 0,
  }
  context.pending.set(record)
  return waitingOutcome(record)
}
