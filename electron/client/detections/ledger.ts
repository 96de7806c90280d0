// The ledger of detected objects: one entry for each file and content, every change written down before it counts as done.
// Owns the entries and their journal; never decides what to do with one, and never talks to the engine.
import { randomUUID } from 'node:crypto'
import { type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { Finding } from '#shared/domain/object-report.ts'
import type { Origin, TreatmentOutcome } from '#shared/domain/treatment.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import { DetectionLine, type TreatmentIntent } from '#shared/files/detection-lines.ts'
import type { Clock } from '../ports.ts'
import { isoNow } from '../state/clock.ts'
import type { Journal } from '../storage/journal.ts'
import type { Storage } from '../storage/storage.ts'
import { detectionLine, entriesOf, type LedgerEntry, objectLine } from './ledger-lines.ts'
import {
  byItself,
  type CopyEnd,
  continues,
  detectionKey,
  type Found,
  type FoundContext,
  foundAgain,
  markedBusy,
  moved,
  newDetection,
  notBusy,
  notRestored,
  putOff,
  type Step,
  treatedAs,
  withCondition,
  withoutCopy,
} from './transitions.ts'

export type { LedgerEntry } from './ledger-lines.ts'

export interface FoundObject extends Found {
  /** Set: it is treated at once; the intent is written together with the finding. */
  readonly act: TreatmentIntent['act'] | null
  /** Those that justify the act. */
  readonly findings?: readonly Finding[]
}

export type LedgerChange =
  | { readonly kind: 'changed'; readonly detection: Detection }
  | { readonly kind: 'removed'; readonly id: DetectionId }

export interface Ledger {
  load(): Promise<void>
  entries(): IterableIterator<LedgerEntry>
  get(id: string): LedgerEntry | undefined
  /** Ids of all given objects, in order; those under way or waiting for a restart are left as they are. */
  record(
    found: readonly FoundObject[],
    context: FoundContext & { readonly databaseVersion: string },
  ): Promise<readonly LedgerEntry[]>
  /** Writes that an act is about to begin. False: another one is under way. One that was put off is replaced. */
  begin(id: DetectionId, intent: Omit<TreatmentIntent, 'at'>): Promise<boolean>
  /** Writes how an act ended. */
  settle(id: DetectionId, outcome: TreatmentOutcome, by: Origin): Promise<Detection>
  /** A state that needs no engine. */
  move(id: DetectionId, state: Detection['state'], step: Step): Promise<Detection>
  /** How the act ended is not known: it stays open and shows as failed until it is. */
  putOff(id: DetectionId, reason: ErrorCode): Promise<Detection>
  /** Gives an act up; the state stays. Of a restore with a reason the history tells it. */
  release(id: DetectionId, reason?: ErrorCode): Promise<Detection>
  /** The entries whose copy in Quarantine is no more; undefined: it is there. */
  dropCopies(endOf: (entry: LedgerEntry) => CopyEnd | undefined): Promise<void>
  /** What is known of the copies that are there. */
  noteCopies(conditionOf: ConditionOf): Promise<void>
  onChange(listener: (change: LedgerChange) => void): void
  /** Drops treated entries older than 90 days. */
  prune(): Promise<void>
}

/** What is known of a copy, from what was known. */
type ConditionOf = (id: QuarantineId, known: Detection['copyCondition']) => Detection['copyCondition']

const keptMs = 90 * 24 * 3_600_000

export function createLedger(deps: { storage: Storage; clock: Clock }): Ledger {
  return new LedgerObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class LedgerObject implements Ledger {
  private readonly storage: Storage
  private readonly clock: Clock
  private readonly held = new Map<string, LedgerEntry>()
  private readonly byKey = new Map<string, DetectionId>()
  private readonly byPath = new Map<string, Set<DetectionId>>()
  private readonly listeners = new Set<(change: LedgerChange) => void>()
  private journal: Journal<DetectionLine> | null = null

  constructor({ storage, clock }: { storage: Storage; clock: Clock }) {
    this.storage = storage
    this.clock = clock
  }

  private readonly keep = (entry: LedgerEntry): void => {
    const { id, path, sha256 } = entry.detection
    this.held.set(id, entry)
    this.byKey.set(detectionKey(path, sha256), id)
    const place = path.bytes ?? path.text
    this.byPath.set(place, (this.byPath.get(place) ?? new Set()).add(id))
  }

  private readonly forget = ({ detection }: LedgerEntry): void => {
    this.held.delete(detection.id)
    this.byKey.delete(detectionKey(detection.path, detection.sha256))
    this.byPath.get(detection.path.bytes ?? detection.path.text)?.delete(detection.id)
  }

  private readonly takeBack = (entry: LedgerEntry, before: LedgerEntry | undefined): void => {
    this.forget(entry)
    if (before) this.keep(before)
  }

  private readonly tell = (change: LedgerChange) => {
    for (const listener of this.listeners) listener(change)
  }

  private readonly append = async (lines: readonly DetectionLine[]): Promise<void> => {
    if (!this.journal) throw new ProductError('internal', 'ledger not loaded')
    await this.journal.append(...lines)
    if (this.journal.grown > 2_000 && this.journal.grown > this.held.size * 4) await this.journal.rewrite(this.allLines)
  }

  private readonly allLines = () =>
    [...this.held.values()].flatMap((entry) => [objectLine(entry), detectionLine(entry)])

  private readonly entryOf = (id: string): LedgerEntry => {
    const entry = this.held.get(id)
    if (!entry) throw new ProductError('not-found')
    return entry
  }

  /** Memory first, so that nothing else comes in between; taken back if it cannot be written. */
  private readonly change = async (
    before: LedgerEntry,
    detection: Detection,
    intent: TreatmentIntent | null,
  ): Promise<Detection> => {
    const after = { ...before, detection, intent }
    this.keep(after)
    try {
      await this.append([detectionLine(after)])
    } catch (error) {
      if (this.held.get(detection.id) === after) this.keep(before)
      throw error
    }
    this.tell({ kind: 'changed', detection })
    return detection
  }

  readonly load = async (): Promise<void> => {
    const opened = await this.storage.openJournal('detections.jsonl', DetectionLine)
    this.journal = opened.journal
    for (const entry of entriesOf(opened.lines)) this.keep(entry)
    if (opened.lines.length > this.held.size * 6 + 500) await this.journal.rewrite(this.allLines)
  }

  readonly record = async (found: readonly FoundObject[], context: FoundContext & { databaseVersion: string }) => {
    const touched = found.map((one): Touched => {
      const { object, act, findings } = one
      const known = this.held.get(this.byKey.get(detectionKey(object.path, object.identity.sha256)) ?? '')
      const existing = known && (known.intent || continues(known.detection)) ? known : undefined
      if (existing && (existing.intent || existing.detection.state === 'at-restart')) {
        return { entry: existing, fresh: false, before: existing }
      }
      const base = existing
        ? foundAgain(existing.detection, one, context)
        : newDetection(randomUUID() as DetectionId, one, context)
      const intent = act
        ? { act, ...(findings ? { findings: [...findings] } : {}), origin: context.origin, at: context.at }
        : null
      const entry = {
        detection: intent ? { ...base, busy: true } : base,
        object,
        databaseVersion: context.databaseVersion,
        intent,
      }
      this.keep(entry)
      return { entry, fresh: true, before: existing }
    })
    const replaced = this.replacedBy(touched)
    const written = touched.filter((one) => one.fresh).map((one) => one.entry)
    try {
      await this.append([
        ...written.flatMap((entry) => [objectLine(entry), detectionLine(entry)]),
        ...replaced.map(detectionLine),
      ])
    } catch (error) {
      for (const { entry, fresh, before } of touched) if (fresh) this.takeBack(entry, before)
      throw error
    }
    for (const entry of [...written, ...replaced]) this.tell({ kind: 'changed', detection: entry.detection })
    return touched.map((one) => one.entry)
  }

  /** Open entries of the same places with another content: that content is gone. */
  private readonly replacedBy = (touched: readonly Touched[]): LedgerEntry[] => {
    return touched.flatMap(({ entry, fresh }) => {
      if (!fresh) return []
      const { path, id, foundBy, foundAt } = entry.detection
      const others = [...(this.byPath.get(path.bytes ?? path.text) ?? [])].filter((other) => other !== id)
      return others.flatMap((other) => {
        const old = this.held.get(other)
        if (!old || old.intent || !isUnprocessed(old.detection.state)) return []
        const gone = { ...old, detection: moved(old.detection, 'gone', { at: foundAt, by: foundBy, automatic: true }) }
        this.keep(gone)
        return [gone]
      })
    })
  }

  readonly entries: Ledger['entries'] = () => this.held.values()

  readonly get: Ledger['get'] = (id) => this.held.get(id)

  readonly begin: Ledger['begin'] = async (id, intent) => {
    const entry = this.entryOf(id)
    if (entry.intent && entry.detection.busy) return false
    await this.change(entry, markedBusy(entry.detection), { ...intent, at: isoNow(this.clock) })
    return true
  }

  readonly putOff: Ledger['putOff'] = (id, reason) => {
    const entry = this.entryOf(id)
    const at = isoNow(this.clock)
    return this.change(entry, putOff(entry.detection, entry.intent, { at, reason }), entry.intent)
  }

  readonly settle: Ledger['settle'] = (id, outcome, by) => {
    const entry = this.entryOf(id)
    const step = { at: isoNow(this.clock), by, ...byItself(entry.intent) }
    return this.change(entry, treatedAs(entry.detection, outcome, step), null)
  }

  readonly move: Ledger['move'] = (id, state, step) => {
    const entry = this.entryOf(id)
    return this.change(entry, moved(entry.detection, state, { at: isoNow(this.clock), ...step }), null)
  }

  readonly release: Ledger['release'] = (id, reason) => {
    const entry = this.entryOf(id)
    const { detection, intent } = entry
    if (!reason || intent?.act !== 'restore') return this.change(entry, notBusy(detection, reason), null)
    const step = { at: isoNow(this.clock), by: intent.origin, reason }
    return this.change(entry, notRestored(detection, step), null)
  }

  readonly dropCopies: Ledger['dropCopies'] = async (endOf) => {
    // No copy of the list: each as it is when its turn comes, since what is written about one takes time.
    for (const entry of this.held.values()) {
      const end = entry.intent || !entry.detection.quarantineId ? undefined : endOf(entry)
      if (end) await this.change(entry, withoutCopy(entry.detection, { ...end, at: isoNow(this.clock) }), null)
    }
  }

  readonly noteCopies: Ledger['noteCopies'] = async (conditionOf) => {
    for (const entry of this.held.values()) {
      const { quarantineId, copyCondition } = entry.detection
      const condition = quarantineId && conditionOf(quarantineId, copyCondition)
      if (entry.intent || !quarantineId || condition === copyCondition) continue
      await this.change(entry, withCondition(entry.detection, condition), null)
    }
  }

  readonly onChange: Ledger['onChange'] = (listener) => {
    this.listeners.add(listener)
  }

  readonly prune: Ledger['prune'] = async () => {
    const before = this.clock.now() - keptMs
    const old = [...this.held.values()].filter(({ detection, intent }) => !intent && isOld(detection, before))
    if (old.length === 0) return
    await this.append(old.map(({ detection }): DetectionLine => ({ version: 1, kind: 'removed', id: detection.id })))
    for (const entry of old) {
      // Something was begun with it while that was written: it is not old any more.
      if (this.held.get(entry.detection.id) !== entry) continue
      this.forget(entry)
      this.tell({ kind: 'removed', id: entry.detection.id })
    }
  }
}

interface Touched {
  readonly entry: LedgerEntry
  /** Made or changed by this finding. */
  readonly fresh: boolean
  readonly before: LedgerEntry | undefined
}

function isOld(detection: Detection, before: number): boolean {
  return !isUnprocessed(detection.state) && detection.state !== 'at-restart' && Date.parse(detection.changedAt) < before
}
