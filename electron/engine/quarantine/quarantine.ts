// Everything that can be asked of Quarantine, in one place: lists, restores, rescans and deletes copies.
// Owns which restores run now; the store is vault.ts.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { CopyCondition, QuarantineItem, QuarantineSummary } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { WriteBytes } from '../files/atomic-write.ts'
import { writeAll } from '../files/content.ts'
import type { Rescan } from '../treat/context.ts'
import { type LookedWith, type RescanResult, rescanCopies } from './rescan-copies.ts'
import type { Restored, RestoreOrder } from './restore.ts'
import { openRestoreLog, type RestoreLog } from './restore-log.ts'
import { finishUnits, restoreUnit, type UnitDeps } from './restore-unit.ts'
import type { Vault } from './vault.ts'
import type { CopyPage, PageQuery } from './vault-list.ts'

export interface QuarantineDeps {
  readonly dataDir: string
  readonly vault: Vault
  readonly rescan: Rescan
  readonly now: () => Date
  /** What starts programs by itself: for entries that come back with their object. */
  readonly autostart?: UnitDeps['autostart']
  /** Raw writing; tests replace it to have a full disk. */
  readonly write?: WriteBytes
}

export interface Quarantine {
  list(query: PageQuery): CopyPage & { readonly summary: QuarantineSummary }
  get(id: QuarantineId): QuarantineItem
  /** Those that are not there, and what keeps the others from being restored. */
  missing(ids: readonly QuarantineId[]): MissingCopies
  restore(order: RestoreOrder): Promise<Restored>
  /** `held`: those that stay, because a treatment waits for a restart. */
  delete(ids: readonly QuarantineId[]): { readonly deleted: number; readonly held: number }
  /** A person knows of these false alarms and leaves the copies there; how many there were. */
  keep(ids: readonly QuarantineId[]): number
  rescan(look: LookedWith): Promise<RescanResult>
  /** Removes what crashed restores left, and finishes those whose object is back. */
  recover(): Promise<void>
  close(): void
}

/** An app that runs for weeks loses its old copies all the same, ms. */
const purgeEveryMs = 3_600_000

/** Throws ProductError when its journal in `dataDir` cannot be used. */
export function createQuarantine({
  dataDir,
  vault,
  rescan,
  now,
  autostart,
  write = writeAll,
}: QuarantineDeps): Quarantine {
  const log: RestoreLog = openRestoreLog(dataDir, now, write)
  const deps = { dataDir, vault, rescan, log, autostart, write }
  let purgedMs = now().getTime()
  const restoring = new Set<QuarantineId>()
  return {
    list: (query) => {
      if (now().getTime() - purgedMs > purgeEveryMs) {
        purgedMs = now().getTime()
        vault.purge()
      }
      return { ...vault.page(query), summary: vault.summary() }
    },
    get: (id) => vault.get(id),
    missing: (ids) => missingIn(vault, ids),
    restore: async (order) => {
      if (restoring.has(order.id)) throw new ProductError('already-running')
      restoring.add(order.id)
      try {
        const restored = await restoreUnit(deps, order)
        answered(vault, order.id)
        return restored
      } finally {
        restoring.delete(order.id)
      }
    },
    delete: (ids) => {
      const deleted = vault.delete(ids)
      return { deleted, held: ids.filter((id) => vault.has(id)).length }
    },
    keep: (ids) => ids.filter((id) => keepOne(vault, id)).length,
    rescan: (look) => rescanCopies({ dataDir, vault, rescan }, look),
    recover: async () => {
      await finishUnits(deps)
      await log.recover()
    },
    close: () => log.close(),
  }
}

export interface MissingCopies {
  readonly ids: QuarantineId[]
  readonly conditions: { readonly id: QuarantineId; readonly condition: CopyCondition }[]
}

/** Throws when the store cannot be read: then nobody knows. */
function missingIn(vault: Vault, ids: readonly QuarantineId[]): MissingCopies {
  vault.summary()
  const conditions = ids.flatMap((id) => {
    const condition = vault.has(id) ? vault.get(id).condition : undefined
    return condition === undefined ? [] : [{ id, condition }]
  })
  return { ids: ids.filter((id) => !vault.has(id)), conditions }
}

/** It is back: nobody has to be asked about it any more. That this could not be written down is no failure of the restore. */
function answered(vault: Vault, id: QuarantineId): void {
  try {
    keepOne(vault, id)
  } catch (error) {
    if (!(error instanceof ProductError)) throw error
  }
}

function keepOne(vault: Vault, id: QuarantineId): boolean {
  if (!vault.has(id)) return false
  const { falseAlarm } = vault.get(id)
  if (falseAlarm === undefined) return false
  vault.note(id, { falseAlarm: { ...falseAlarm, answered: true } })
  return true
}
