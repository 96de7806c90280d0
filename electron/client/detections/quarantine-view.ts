// What is in Quarantine, as the engine tells it: the topic, pages for windows, and the detections whose copy is gone.
// Owns no copy; the engine does.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort } from '../ports.ts'
import { debounced } from '../state/debounce.ts'
import type { Topics } from '../state/topics.ts'
import type { Ledger } from './ledger.ts'

export interface QuarantineView {
  /** Asks for a fresh look; at most one a second. */
  changed(): void
  list(query: CopyQuery): Promise<{ total: number; items: QuarantineItem[] }>
  delete(ids: readonly QuarantineId[]): Promise<number>
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
  readonly topics: Topics
  readonly clock: Clock
  readonly log: LogPort
}

const newestShown = 10
/** As many as one message may ask about. */
const mostAtOnce = 10_000

export function createQuarantineView(deps: QuarantineViewDeps): QuarantineView {
  const { engine, topics, clock, log } = deps
  const refresh = debounced(clock, 1000, () => {
    look().catch((error: unknown) => log.warn('Quarantine cannot be listed', { error: String(error) }))
  })

  async function look(): Promise<void> {
    const { items, summary } = await engine.call('quarantine.list', { offset: 0, limit: newestShown })
    const { count, sizeBytes, storeBytes, limitBytes, falseAlarms } = summary
    const newest = falseAlarms > 0 ? await falseAlarmsNow() : []
    topics.update('quarantine', ({ allowed }) => ({
      ...{ count, bytes: sizeBytes, storeBytes, limitBytes, newest: items, allowed },
      falseAlarms: { count: falseAlarms, newest },
    }))
    await dropMissing(deps)
  }

  async function falseAlarmsNow(): Promise<QuarantineItem[]> {
    const only = 'false-alarms'
    return (await engine.call('quarantine.list', { offset: 0, limit: newestShown, only })).items
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
    async delete(ids) {
      const { deleted } = await engine.call('quarantine.delete', { ids: [...ids] })
      await look()
      return deleted
    },
    async keep(ids) {
      await engine.call('quarantine.keep', { ids: [...ids] })
      await look()
    },
    stop: refresh.cancel,
  }
}

/** What changed after the question may have a copy that the answer does not know. */
async function dropMissing({ engine, ledger, clock }: QuarantineViewDeps): Promise<void> {
  const askedAt = new Date(clock.now()).toISOString()
  const ids = [...ledger.entries()].flatMap(({ detection }) => detection.quarantineId ?? [])
  const missing = new Set<QuarantineId>()
  for (let at = 0; at < ids.length; at += mostAtOnce) {
    const answer = await engine.call('quarantine.missing', { ids: ids.slice(at, at + mostAtOnce) })
    for (const id of answer.ids) missing.add(id)
  }
  if (missing.size === 0) return
  await ledger.dropCopies(
    ({ detection: { quarantineId, changedAt } }) =>
      quarantineId !== undefined && missing.has(quarantineId) && changedAt < askedAt,
  )
}
