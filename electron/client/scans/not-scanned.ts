// What the running or last scan did not look at, newest last; the oldest make room when there is too much.
import type { ScanTopic } from '#shared/domain/app-state.ts'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import { notScannedView } from './scan-run.ts'

type Listed = ScanTopic['notScanned']

export interface NotScannedList {
  clear(): void
  add(objects: readonly NotScannedObject[]): void
  newest(): Listed
  page(offset: number, limit: number): { total: number; objects: Listed }
}

const keptEntries = 10_000
const shownEntries = 50

export function createNotScannedList(): NotScannedList {
  let entries: Listed = []
  let total = 0
  return {
    clear() {
      entries = []
      total = 0
    },
    add(objects) {
      total += objects.length
      entries.push(...objects.map(notScannedView))
      if (entries.length > keptEntries) entries = entries.slice(-keptEntries)
    },
    newest: () => entries.slice(-shownEntries).reverse(),
    page: (offset, limit) => ({ total, objects: [...entries].reverse().slice(offset, offset + limit) }),
  }
}
