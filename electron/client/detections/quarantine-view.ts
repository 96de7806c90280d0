// What is in Quarantine, as the engine tells it: the topic, pages for windows, and the detections whose copy is gone.
// Owns no copy; the engine does.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort } from '../ports.ts'
import { debounced } from '../state/debounce.ts'
import type { Topics } from '../state/topics.ts'
import type { Ledger } from './ledger.ts'

export interface QuarantineView {
  /** Asks for a fresh look; at most one a second. */
  changed(): void
  list(offset: number, limit: number): Promise<{ total: number; items: QuarantineItem[] }>
  delete(ids: readonly QuarantineId[]): Promise<number>
  /** Where a copy came from. Throws `not-found`. */
  originalPath(id: QuarantineId): Promise<QuarantineItem['originalPath']>
  stop(): void
}

export interface QuarantineViewDeps {
  readonly engine: EngineService
  readonly ledger: Ledger
  readonly topics: Topics
  readonly clock: Clock
  readonly log: LogPort
}

export function createQuarantineView({ engine, ledger, topics, clock, log }: QuarantineViewDeps): QuarantineView {
  const refresh = debounced(clock, 1000, () => {
    look().catch((error: unknown) => log.warn('Quarantine cannot be listed', { error: String(error) }))
  })

  async function look(): Promise<QuarantineItem[]> {
    const askedAt = new Date(clock.now()).toISOString()
    const { items } = await engine.call('quarantine.list', {})
    const newestFirst = [...items].sort((a, b) => b.storedAt.localeCompare(a.storedAt))
    topics.update('quarantine', () => ({
      count: items.length,
      bytes: items.reduce((sum, item) => sum + item.sizeBytes, 0),
      newest: newestFirst.slice(0, 10),
    }))
    const there = new Set<string>(items.map((item) => item.id))
    // What changed after the question may have a copy that the answer does not know.
    await ledger.dropCopies(
      ({ detection }) => !there.has(detection.quarantineId ?? '') && detection.changedAt < askedAt,
    )
    return newestFirst
  }

  return {
    changed: refresh.soon,
    async list(offset, limit) {
      const items = await look()
      return { total: items.length, items: items.slice(offset, offset + limit) }
    },
    async originalPath(id) {
      const item = (await look()).find((candidate) => candidate.id === id)
      if (!item) throw new ProductError('not-found')
      return item.originalPath
    },
    async delete(ids) {
      const { deleted } = await engine.call('quarantine.delete', { ids: [...ids] })
      await look()
      return deleted
    },
    stop: refresh.cancel,
  }
}
