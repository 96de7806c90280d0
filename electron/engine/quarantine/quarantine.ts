// Everything that can be asked of Quarantine, in one place: lists, restores, rescans and deletes copies.
// Owns which restores run now; the store is vault.ts.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineItem, QuarantineSummary } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { Rescan } from '../treat/context.ts'
import { type LookedWith, type RescanResult, rescanCopies } from './rescan-copies.ts'
import { type Restored, type RestoreOrder, restoreCopy } from './restore.ts'
import { openRestoreLog, type RestoreLog } from './restore-log.ts'
import type { Vault } from './vault.ts'
import type { CopyPage, PageQuery } from './vault-list.ts'

export interface QuarantineDeps {
  readonly dataDir: string
  readonly vault: Vault
  readonly rescan: Rescan
  readonly now: () => Date
}

export interface Quarantine {
  list(query: PageQuery): CopyPage & { readonly summary: QuarantineSummary }
  get(id: QuarantineId): QuarantineItem
  /** Those that are not there. */
  missing(ids: readonly QuarantineId[]): QuarantineId[]
  restore(order: RestoreOrder): Promise<Restored>
  /** How many copies there were. */
  delete(ids: readonly QuarantineId[]): number
  /** A person knows of these false alarms and leaves the copies there; how many there were. */
  keep(ids: readonly QuarantineId[]): number
  rescan(look: LookedWith): Promise<RescanResult>
  /** Removes what crashed restores left. */
  recover(): Promise<void>
  close(): void
}

/** Throws ProductError when its journal in `dataDir` cannot be used. */
export function createQuarantine({ dataDir, vault, rescan, now }: QuarantineDeps): Quarantine {
  const log: RestoreLog = openRestoreLog(dataDir, now)
  const restoring = new Set<QuarantineId>()
  return {
    list: (query) => ({ ...vault.page(query), summary: vault.summary() }),
    get: (id) => vault.get(id),
    missing: (ids) => missingIn(vault, ids),
    restore: async (order) => {
      if (restoring.has(order.id)) throw new ProductError('already-running')
      restoring.add(order.id)
      try {
        return await restoreCopy({ dataDir, vault, rescan, log }, order)
      } finally {
        restoring.delete(order.id)
      }
    },
    delete: (ids) => vault.delete(ids),
    keep: (ids) => ids.filter((id) => keepOne(vault, id)).length,
    rescan: (look) => rescanCopies({ dataDir, vault, rescan }, look),
    recover: () => log.recover(),
    close: () => log.close(),
  }
}

/** Throws when the store cannot be read: then nobody knows. */
function missingIn(vault: Vault, ids: readonly QuarantineId[]): QuarantineId[] {
  vault.summary()
  return ids.filter((id) => !vault.has(id))
}

function keepOne(vault: Vault, id: QuarantineId): boolean {
  if (!vault.has(id)) return false
  const { falseAlarm } = vault.get(id)
  if (falseAlarm === undefined) return false
  vault.note(id, { falseAlarm: { ...falseAlarm, answered: true } })
  return true
}
