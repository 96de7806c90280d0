// The write-ahead journal of treatments: what is about to be done, and how each order ended.
// Owns the memory that makes an order idempotent. Never acts.
import { join } from 'node:path'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { TreatmentOrder, TreatmentOutcome, TreatmentVerb } from '#shared/domain/treatment.ts'
import { TreatmentLine } from '#shared/files/treatment-lines.ts'
import { openJournal } from '../files/journal.ts'

type WithoutCommon<T> = T extends unknown ? Omit<T, 'version' | 'at'> : never
/** A line as it is given: version and time are added here. */
export type NewLine = WithoutCommon<TreatmentLine>

export interface Ended {
  readonly verb: TreatmentVerb
  readonly outcome: TreatmentOutcome
}

/** An order that was begun and has no outcome: its lines in order. */
export interface Interrupted {
  readonly detectionId: DetectionId
  readonly order: TreatmentOrder
  readonly lines: readonly TreatmentLine[]
}

export interface TreatmentLog {
  /** On disk when it returns. */
  add(line: NewLine): void
  ended(detectionId: DetectionId): Ended | undefined
  interrupted(): Interrupted[]
  close(): void
}

/** Outcomes remembered; older ones are dropped when the journal is compacted. */
const rememberedOutcomes = 10_000
/** Lines that say nothing any more; with this many the journal is compacted: what waits is looked at every few minutes. */
const mostSpent = 200

/** Opens `dataDir/treatments.jsonl`. Throws ProductError for an unusable file. */
export function openTreatmentLog(dataDir: string, now: () => Date): TreatmentLog {
  const { journal, entries } = openJournal(join(dataDir, 'treatments.jsonl'), TreatmentLine)
  const open = new Map<DetectionId, TreatmentLine[]>()
  const ended = new Map<DetectionId, Ended>()
  const outcomes = new Map<DetectionId, TreatmentLine>()
  let spent = 0
  const take = (line: TreatmentLine): void => {
    if (line.kind === 'outcome') {
      spent += open.get(line.detectionId)?.length ?? 0
      spent += outcomes.delete(line.detectionId) ? 1 : 0
      outcomes.set(line.detectionId, line)
      open.delete(line.detectionId)
      ended.set(line.detectionId, { verb: line.verb, outcome: line.outcome })
      return
    }
    const lines = open.get(line.detectionId)
    if (lines === undefined) open.set(line.detectionId, [line])
    else lines.push(line)
  }
  const compact = (): void => {
    spent = 0
    journal.compact([...[...outcomes.values()].slice(-rememberedOutcomes), ...[...open.values()].flat()])
  }
  for (const line of entries) take(line)
  if (spent > 0 || outcomes.size > rememberedOutcomes) compact()
  return {
    add: (line) => {
      const full = TreatmentLine.parse({ ...line, version: 1, at: now().toISOString() })
      journal.append(full)
      take(full)
      if (spent > mostSpent) compact()
    },
    ended: (detectionId) => ended.get(detectionId),
    interrupted: () => [...open.values()].flatMap(asInterrupted),
    close: () => journal.close(),
  }
}

function asInterrupted(lines: readonly TreatmentLine[]): Interrupted[] {
  const intent = lines.find((line) => line.kind === 'intent')
  return intent === undefined ? [] : [{ detectionId: intent.detectionId, order: intent.order, lines }]
}
