// Asks every structural and heuristic detector about one content. Each is a small module of its own beside this one.
// Never says `infected`: a suspicion is for a person to judge, no automatic action follows from it.
import type { Detection, Subject } from '../subject.ts'

/** Synchronous and bounded in time; throws only for a bug. */
export type Heuristic = (subject: Subject) => Detection | null

const heuristics: readonly Heuristic[] = []

/** All suspicions about this content; a heuristic that fails says nothing. */
export function suspicionsOf(subject: Subject): Detection[] {
  return heuristics.flatMap((heuristic) => heuristic(subject) ?? [])
}
