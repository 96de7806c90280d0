// What the running or last scan did not look at, newest last; the oldest make room when there is too much. Survives a restart
// of the app once the scan has ended. Counts all of it by reason, also what made room. What file protection could not look
// at is listed before it, and neither counted nor cleared with it.
import type { FilePath } from '#shared/domain/file-path.ts'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import type { GapCount, NotScannedView, ScanGaps } from '#shared/domain/scan.ts'
import { NotScannedFile } from '#shared/files/not-scanned-file.ts'
import type { Storage } from '../storage/storage.ts'
import { WatchedGaps } from './watched-gaps.ts'

export interface NotScannedList {
  load(): Promise<void>
  /** Writes the list down. Call when the scan has ended. */
  save(): Promise<void>
  /** Writes down what file protection could not look at, and leaves the rest of the file as it is. */
  saveWatched(): Promise<void>
  clear(): void
  add(objects: readonly NotScannedObject[]): void
  /** File protection has checked this file; `objects`: what of it was not looked at. True when that is something new. */
  setWatched(path: FilePath, objects: readonly NotScannedObject[]): boolean
  /** Told when what file protection could not look at has changed. */
  onWatched(listener: () => void): void
  newest(): NotScannedView[]
  page(offset: number, limit: number): { total: number; objects: NotScannedView[] }
  /** Most first. */
  reasons(): GapCount[]
  /** Null when everything was looked at. */
  gaps(): ScanGaps | null
}

const keptEntries = 10_000
const shownEntries = 50
const empty: NotScannedFile = { version: 1, counts: {}, partial: {}, entries: [], watched: [] }

type Counts = Partial<Record<NotScannedView['reason'], number>>

export function createNotScannedList(storage: Pick<Storage, 'openDocument'>): NotScannedList {
  let { entries } = empty
  let counts: Counts = {}
  let partial: Counts = {}
  /** The last scan that has ended. */
  let saved = empty
  const watched = new WatchedGaps()
  const listeners = new Set<() => void>()
  let write: (value: NotScannedFile) => Promise<void> = async () => undefined

  const total = () => Object.values(counts).reduce((sum, count) => sum + count, 0)
  /** Newest first. */
  const ofScan = (most: number) => entries.slice(-most).reverse()
  const listed = (most: number) => {
    const before = watched.all().reverse()
    return [...before, ...ofScan(most).filter((view) => !watched.has(view))].slice(0, most)
  }
  const reasons = () =>
    (Object.entries(counts) as [NotScannedView['reason'], number][])
      .map(([reason, count]) => ({ reason, count, partial: partial[reason] ?? 0 }))
      .sort((a, b) => b.count - a.count)

  return {
    async load() {
      const opened = await storage.openDocument('not-scanned.json', NotScannedFile)
      write = opened.save
      const known = opened.value ?? empty
      entries = [...known.entries]
      counts = { ...known.counts }
      partial = { ...known.partial }
      watched.load(known.watched.map(ofFileProtection))
      saved = known
    },
    save() {
      saved = { version: 1, counts: { ...counts }, partial: { ...partial }, entries: [...entries], watched: [] }
      return write({ ...saved, watched: watched.all() })
    },
    saveWatched: () => write({ ...saved, watched: watched.all() }),
    clear() {
      entries = []
      counts = {}
      partial = {}
    },
    add(objects) {
      for (const object of objects) {
        countOne(counts, object.reason)
        if (object.partial) countOne(partial, object.reason)
      }
      entries.push(...objects.map(notScannedView))
      if (entries.length > keptEntries) entries = entries.slice(-keptEntries)
    },
    setWatched(path, objects) {
      const text = path.text.slice(0, 4096)
      const views = objects.map((object) => ofFileProtection(notScannedView(object)))
      const isNew = watched.set(text, views)
      if (isNew) for (const listener of listeners) listener()
      return isNew
    },
    onWatched: (listener) => void listeners.add(listener),
    newest: () => listed(shownEntries),
    page(offset, limit) {
      const all = listed(Number.POSITIVE_INFINITY)
      return { total: total() + watched.all().length, objects: all.slice(offset, offset + limit) }
    },
    reasons,
    gaps: () => (total() === 0 ? null : { reasons: reasons(), objects: ofScan(shownEntries) }),
  }
}

function countOne(counts: Counts, reason: NotScannedView['reason']): void {
  counts[reason] = (counts[reason] ?? 0) + 1
}

function notScannedView(object: NotScannedObject): NotScannedView {
  return {
    path: object.path.text.slice(0, 4096),
    member: object.member.join(' › ').slice(0, 4096),
    reason: object.reason,
    partial: object.partial,
  }
}

/** Records of earlier versions do not say so. */
function ofFileProtection(view: NotScannedView): NotScannedView {
  return { ...view, by: 'file-protection' }
}
