// What is in Quarantine, as the engine tells it: the topic, pages for windows, and the detections whose copy is gone.
// Owns no copy; the engine does.
import type { QuarantineId } from '#shared/domain/ids.ts'
import { fileName } from '#shared/domain/path-text.ts'
import type { CopyCondition, Origin, QuarantineItem } from '#shared/domain/treatment.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort } from '../ports.ts'
import type { History } from '../reports/history.ts'
import { copiesDeleted } from '../reports/object-sentences.ts'
import type { SettingsService } from '../settings/settings-service.ts'
import { debounced } from '../state/debounce.ts'
import type { Topics } from '../state/topics.ts'
import type { Ledger } from './ledger.ts'

export interface QuarantineView {
  /** Asks for a fresh look; at most one a second. */
  changed(): void
  list(query: CopyQuery): Promise<{ total: number; items: QuarantineItem[] }>
  /** For good, as somebody asked. `held`: those that stay, because a treatment waits for a restart. */
  delete(ids: readonly QuarantineId[], by: Origin): Promise<{ readonly deleted: number; readonly held: number }>
  /** Leaves false alarms where they are; they are not proposed for restore any more. */
  keep(ids: readonly QuarantineId[]): Promise<void>
  /** Where a copy came from. Throws `not-found`. */
  originalPath(id: QuarantineId): Promise<QuarantineItem['originalPath']>
  stop(): void
}

export interface CopyQuery {
  readonly offset: number
  readonly limit: number
  readonly search: string
}

export interface QuarantineViewDeps {
  readonly engine: EngineService
  readonly ledger: Ledger
  readonly settings: Pick<SettingsService, 'get'>
  readonly topics: Topics
  readonly history: Pick<History, 'add'>
  readonly clock: Clock
  readonly log: LogPort
}

const newestShown = 10
/** As many as one message may ask about. */
const mostAtOnce = 10_000

/** Copies whose names a line of the history tells. */
const namesTold = 5
const dayMs = 86_400_000

export function createQuarantineView(deps: QuarantineViewDeps): QuarantineView {
  const { engine, topics, history, clock, log } = deps
  /** Those that a person is deleting now, and who. */
  const deleting = new Map<QuarantineId, Origin>()
  let looks = 0
  let newestLook = 0
  const refresh = debounced(clock, 1000, () => {
    look().catch((error: unknown) => log.warn('Quarantine cannot be listed', { error: String(error) }))
  })

  async function look(): Promise<void> {
    const mine = ++looks
    const { items, summary } = await engine.call('quarantine.list', { offset: 0, limit: newestShown })
    const { count, sizeBytes, storeBytes, limitBytes, falseAlarms } = summary
    const newest = falseAlarms > 0 ? await falseAlarmsNow() : []
    // One that began later may have been answered first: it knows better.
    if (mine > newestLook) {
      newestLook = mine
      topics.update('quarantine', ({ allowed }) => ({
        ...{ count, bytes: sizeBytes, storeBytes, limitBytes, newest: items, allowed },
        falseAlarms: { count: falseAlarms, newest },
      }))
    }
    await followCopies(deps, (id) => deleting.get(id))
  }

  async function falseAlarmsNow(): Promise<QuarantineItem[]> {
    const only = 'false-alarms'
    return (await engine.call('quarantine.list', { offset: 0, limit: newestShown, only })).items
  }

  /** Of the first of them, for people. */
  async function namesOf(ids: readonly QuarantineId[]): Promise<string[]> {
    const items = ids.slice(0, namesTold).map((id) => engine.call('quarantine.get', { id }).catch(() => null))
    return (await Promise.all(items)).flatMap((answer) => (answer ? fileName(answer.item.originalPath.text) : []))
  }

  return {
    changed: refresh.soon,
    async list(query) {
      const { total, items } = await engine.call('quarantine.list', query)
      return { total, items }
    },
    async originalPath(id) {
      const { item } = await engine.call('quarantine.get', { id })
      return item.originalPath
    },
    async delete(ids, by) {
      const names = await namesOf(ids)
      for (const id of ids) deleting.set(id, by)
      try {
        const ended = await engine.call('quarantine.delete', { ids: [...ids] })
        if (ended.deleted > 0) history.add(copiesDeleted({ ...ended, names, by }))
        await look()
        return ended
      } finally {
        for (const id of ids) deleting.delete(id)
      }
    },
    async keep(ids) {
      await engine.call('quarantine.keep', { ids: [...ids] })
      await look()
    },
    stop: refresh.cancel,
  }
}

/** What the ledger says of copies: gone, not to be restored. What changed after the question may have another one. */
async function followCopies(
  { engine, ledger, settings, clock }: QuarantineViewDeps,
  deletedBy: (id: QuarantineId) => Origin | undefined,
): Promise<void> {
  const now = clock.now()
  const askedAt = new Date(now).toISOString()
  const ids = [...ledger.entries()].flatMap(({ detection }) => detection.quarantineId ?? [])
  const missing = new Set<QuarantineId>()
  const conditions = new Map<QuarantineId, CopyCondition>()
  for (let at = 0; at < ids.length; at += mostAtOnce) {
    const answer = await engine.call('quarantine.missing', { ids: ids.slice(at, at + mostAtOnce) })
    for (const id of answer.ids) missing.add(id)
    // What waits for a restart says so by its state.
    for (const { id, condition } of answer.conditions) if (condition !== 'at-restart') conditions.set(id, condition)
  }
  const asked = new Set(ids)
  const keptMs = settings.get().quarantine.retentionDays * dayMs
  await ledger.noteCopies((id, known) => (asked.has(id) ? conditions.get(id) : known))
  if (missing.size === 0) return
  await ledger.dropCopies(({ detection: { quarantineId, changedAt, copiedAt } }) => {
    if (quarantineId === undefined || !missing.has(quarantineId) || changedAt >= askedAt) return undefined
    const by = deletedBy(quarantineId)
    if (by) return { event: 'copy-deleted', by }
    const isExpired = Date.parse(copiedAt ?? changedAt) + keptMs <= now
    return { event: isExpired ? 'copy-expired' : 'copy-gone' }
  })
}
