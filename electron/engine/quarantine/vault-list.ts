// The copies as they are shown: one page of them, newest first, and all of them in numbers. Pure: reads the index alone, so
// that a hundred thousand copies are listed without opening one.
import type { QuarantineId } from '#shared/domain/ids.ts'
import type { CopyCondition, QuarantineItem, QuarantineSummary } from '#shared/domain/treatment.ts'
import type { QuarantineIndexEntry } from '#shared/files/quarantine-file.ts'

export interface ListView {
  /** Oldest first. */
  readonly entries: ReadonlyMap<QuarantineId, QuarantineIndexEntry>
  readonly retentionDays: number
  readonly held: ReadonlySet<QuarantineId>
  /** Of the master key in use. */
  readonly keyId: string
}

export interface PageQuery {
  readonly offset: number
  readonly limit: number
  /** Part of a path or of a threat's name; empty: all. */
  readonly search: string
  readonly only: 'all' | 'false-alarms'
}

export interface CopyPage {
  /** That fit the search. */
  readonly total: number
  readonly items: QuarantineItem[]
}

const dayMs = 86_400_000

/** When a copy may be removed, ms since the epoch. */
export function expiresMs({ storedAt }: Pick<QuarantineIndexEntry, 'storedAt'>, retentionDays: number): number {
  return Date.parse(storedAt) + retentionDays * dayMs
}

/** A copy as it is shown. */
export function itemOf(entry: QuarantineIndexEntry, view: Omit<ListView, 'entries'>): QuarantineItem {
  const condition = conditionOf(entry, view)
  return {
    id: entry.id,
    detectionId: entry.detectionId,
    originalPath: entry.path,
    threat: entry.threat,
    sizeBytes: entry.sizeBytes,
    storedAt: entry.storedAt,
    expiresAt: new Date(expiresMs(entry, view.retentionDays)).toISOString(),
    origin: entry.origin,
    restorable: condition === undefined,
    ...(condition === undefined ? {} : { condition }),
    ...(entry.copyOf === undefined ? {} : { copyOf: entry.copyOf }),
    ...(entry.falseAlarm === undefined ? {} : { falseAlarm: entry.falseAlarm }),
  }
}

/** One page, newest first. */
export function pageOf(view: ListView, { offset, limit, search, only }: PageQuery): CopyPage {
  const wanted = search.trim().toLowerCase()
  const fits = (entry: QuarantineIndexEntry) =>
    (only === 'all' || isOpenFalseAlarm(entry)) && (wanted === '' || contains(entry, wanted))
  const all = [...view.entries.values()]
  const found = only === 'all' && wanted === '' ? all : all.filter(fits)
  const end = Math.max(0, found.length - offset)
  const page = found.slice(Math.max(0, end - limit), end).reverse()
  return { total: found.length, items: page.map((entry) => itemOf(entry, view)) }
}

/** How a look at a copy's content ended. */
export type CopyNote = Pick<QuarantineIndexEntry, 'lookedWith' | 'falseAlarm'>

/** A copy with this note in the place of the one before; databases that are not named stay. */
export function withNote(entry: QuarantineIndexEntry, { lookedWith, falseAlarm }: CopyNote): QuarantineIndexEntry {
  const { falseAlarm: _before, ...rest } = entry
  const looked = lookedWith === undefined ? {} : { lookedWith }
  return { ...rest, ...looked, ...(falseAlarm === undefined ? {} : { falseAlarm }) }
}

/**
 * Copies of the autostart entries that were removed with the object of this copy: the newest of each place. They were stored after
 * it; those of an earlier treatment are none of its own.
 */
export function entriesOf(
  { entries }: Pick<ListView, 'entries'>,
  { detectionId, storedAt, copyOf }: QuarantineIndexEntry,
): QuarantineId[] {
  if (copyOf !== undefined) return []
  const newest = new Map<string, QuarantineId>()
  for (const one of entries.values())
    if (one.copyOf === 'entry' && one.detectionId === detectionId && one.storedAt >= storedAt)
      newest.set(one.path.bytes ?? one.path.text, one.id)
  return [...newest.values()]
}

/** All of them in numbers. `sizeBytes`: of the originals. */
export function countsOf(entries: ListView['entries']): Pick<QuarantineSummary, 'count' | 'sizeBytes' | 'falseAlarms'> {
  let sizeBytes = 0
  let falseAlarms = 0
  for (const entry of entries.values()) {
    sizeBytes += entry.sizeBytes
    if (isOpenFalseAlarm(entry)) falseAlarms += 1
  }
  return { count: entries.size, sizeBytes, falseAlarms }
}

/** A false alarm that nobody said anything about yet. */
function isOpenFalseAlarm({ falseAlarm }: Pick<QuarantineIndexEntry, 'falseAlarm'>): boolean {
  return falseAlarm !== undefined && !falseAlarm.answered
}

function conditionOf(
  { id, keyId, damaged }: QuarantineIndexEntry,
  view: Omit<ListView, 'entries'>,
): CopyCondition | undefined {
  if (view.held.has(id)) return 'at-restart'
  if (keyId !== undefined && keyId !== view.keyId) return 'key-lost'
  return damaged ? 'damaged' : undefined
}

function contains({ path, threat }: QuarantineIndexEntry, wanted: string): boolean {
  return path.text.toLowerCase().includes(wanted) || threat.toLowerCase().includes(wanted)
}
