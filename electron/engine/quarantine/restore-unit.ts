// Puts an object back together with the autostart entries that were removed because of it: the object first, then what starts it,
// each where its place allows. Journaled, so that after a crash the entries follow an object that is back. Owns that order.
import { closeSync } from 'node:fs'
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { GivenEntries } from '#shared/domain/treatment.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import { hashOf } from '../files/content.ts'
import { withParent } from '../files/dirfd.ts'
import { asProductError } from '../files/fs-errors.ts'
import { toBytes } from '../files/path-text.ts'
import { openRegular } from '../treat/target.ts'
import { type EntryDeps, giveEntry } from './give-entry.ts'
import { type Restored, type RestoreOrder, restoreCopy } from './restore.ts'
import type { RestoreLog, UnitLine } from './restore-log.ts'
import type { Vault } from './vault.ts'

export interface UnitDeps extends EntryDeps {
  readonly vault: Pick<Vault, 'open' | 'put' | 'delete' | 'get' | 'entriesOf'>
  readonly log: Pick<RestoreLog, 'add' | 'units'>
}

const mostEntries = 200
const mostTexts = 20

/** At its old place an object comes back with its entries; anything else alone. Throws what `restoreCopy` throws. */
export async function restoreUnit(deps: UnitDeps, order: RestoreOrder): Promise<Restored> {
  const { id, target } = order
  if (target !== null) return restoreCopy(deps, order)
  if (deps.vault.get(id).copyOf === 'entry') return giveAlone(deps, order)
  const entries = deps.vault.entriesOf(id).slice(0, mostEntries)
  if (entries.length === 0) return restoreCopy(deps, order)
  deps.log.add({ kind: 'unit', id, entries })
  const restored = await restoreOrEnd(deps, order)
  const given = await giveAll(deps, entries, order.evenIfDetected)
  ended(deps, id)
  return { ...restored, entries: given }
}

/** An object that did not go back brings no entries. */
async function restoreOrEnd(deps: UnitDeps, order: RestoreOrder): Promise<Restored> {
  try {
    return await restoreCopy(deps, order)
  } catch (error) {
    ended(deps, order.id)
    throw error
  }
}

/** After a crash: the entries of those objects that are back. */
export async function finishUnits(deps: UnitDeps): Promise<void> {
  for (const unit of deps.log.units()) {
    if (await isObjectBack(deps, unit)) await giveAll(deps, unit.entries, true)
    ended(deps, unit.id)
  }
}

async function giveAlone(deps: UnitDeps, order: RestoreOrder): Promise<Restored> {
  const starts = factsOf(deps, order.id)?.starts
  const restored = await giveEntry(deps, order, false)
  if (starts === 'systemd') await deps.autostart?.reload()
  return restored
}

async function giveAll(deps: UnitDeps, ids: readonly QuarantineId[], evenIfDetected: boolean): Promise<GivenEntries> {
  const restored: string[] = []
  const left: GivenEntries['left'] = []
  let isUnitBack = false
  for (const id of ids) {
    const facts = factsOf(deps, id)
    if (facts === undefined) continue
    try {
      await giveEntry(deps, { id, target: null, evenIfDetected, makeFolder: false }, true)
      restored.push(...facts.acts)
      isUnitBack ||= facts.starts === 'systemd'
    } catch (error) {
      const known = asProductError(error)
      if (!(known instanceof ProductError)) throw error
      left.push(...facts.acts.map((entry) => ({ entry, code: codeOf(known) })))
    }
  }
  if (isUnitBack) await deps.autostart?.reload()
  return { restored: restored.slice(0, mostTexts), left: left.slice(0, mostTexts) }
}

interface Facts {
  readonly acts: readonly string[]
  readonly starts: string | undefined
}

/** Undefined when the copy is not there any more, or cannot be opened. */
function factsOf({ vault }: UnitDeps, id: QuarantineId): Facts | undefined {
  try {
    const copy = vault.open(id)
    try {
      const { entry, path } = copy.metadata
      return { acts: entry?.acts ?? [path.text.slice(0, 256)], starts: entry?.starts }
    } finally {
      copy.close()
    }
  } catch (error) {
    if (error instanceof ProductError) return undefined
    throw error
  }
}

async function isObjectBack({ vault }: UnitDeps, { id }: UnitLine): Promise<boolean> {
  try {
    const copy = vault.open(id)
    copy.close()
    const { path, identity } = copy.metadata
    return await withParent(toBytes(path), async (folder, name) => {
      const fd = openRegular(folder, name)
      try {
        return (await hashOf(fd)) === identity.sha256
      } finally {
        closeSync(fd)
      }
    })
  } catch (error) {
    if (asProductError(error) instanceof ProductError) return false
    throw error
  }
}

/** A line that cannot be written now is settled by the next start. */
function ended({ log }: UnitDeps, id: QuarantineId): void {
  try {
    log.add({ kind: 'unit-ended', id })
  } catch (error) {
    if (!(error instanceof ProductError)) throw error
  }
}
