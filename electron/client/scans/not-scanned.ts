// What the running or last scan did not look at, newest last; the oldest make room when there is too much. Survives a restart
// of the app once the scan has ended. Counts all of it by reason, also what made room.
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import type { NotScannedView, ScanGaps } from '#shared/domain/scan.ts'
import { NotScannedFile } from '#shared/files/not-scanned-file.ts'
import type { Storage } from '../storage/storage.ts'

export interface NotScannedList {
  load(): Promise<void>
  /** Writes the list down. Call when the scan has ended. */
  save(): Promise<void>
  clear(): void
  add(objects: readonly NotScannedObject[]): void
  newest(): NotScannedView[]
  page(offset: number, limit: number): { total: number; objects: NotScannedView[] }
  /** Null when everything was looked at. */
  gaps(): ScanGaps | null
}

const keptEntries = 10_000
const shownEntries = 50
const empty: NotScannedFile = { version: 1, counts: {}, entries: [] }

export function createNotScannedList(storage: Pick<Storage, 'openDocument'>): NotScannedList {
  let { entries } = empty
  let counts: Partial<Record<NotScannedView['reason'], number>> = {}
  let write: (value: NotScannedFile) => Promise<void> = async () => undefined

  const total = () => Object.values(counts).reduce((sum, count) => sum + count, 0)
  const newest = () => entries.slice(-shownEntries).reverse()

  return {
    async load() {
      const opened = await storage.openDocument('not-scanned.json', NotScannedFile)
      write = opened.save
      const known = opened.value ?? empty
      entries = [...known.entries]
      counts = { ...known.counts }
    },
    save: () => write({ version: 1, counts, entries }),
    clear() {
      entries = []
      counts = {}
    },
    add(objects) {
      for (const { reason } of objects) counts[reason] = (counts[reason] ?? 0) + 1
      entries.push(...objects.map(notScannedView))
      if (entries.length > keptEntries) entries = entries.slice(-keptEntries)
    },
    newest,
    page: (offset, limit) => ({ total: total(), objects: [...entries].reverse().slice(offset, offset + limit) }),
    gaps() {
      if (total() === 0) return null
      const reasons = (Object.entries(counts) as [NotScannedView['reason'], number][])
        .map(([reason, count]) => ({ reason, count }))
        .sort((a, b) => b.count - a.count)
      return { reasons, objects: newest() }
    },
  }
}

function notScannedView(object: NotScannedObject): NotScannedView {
  return {
    path: object.path.text.slice(0, 4096),
    member: object.member.join(' › ').slice(0, 4096),
    reason: object.reason,
  }
}
