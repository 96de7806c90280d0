// The processes that are part of an active object: those that run its file and what they started; and those that only hold it.
// Owns who would be ended, and why somebody would not. Never signals anything.
import type { WhyNotEnded } from '#shared/domain/treatment.ts'
import { type HeldFile, holderIn } from '../processes.ts'
import { type MayEnd, whyNotEnded } from '../why-not-ended.ts'
import { allProcesses, hasOpen, type ProcessFact, runsFile } from './process-table.ts'

export interface FoundProcess extends ProcessFact {
  /** Runs the file, or was started by one that does. */
  readonly runs: boolean
  /** Runs the file itself. */
  readonly itself: boolean
  /** Why it is not ended; undefined: it is. */
  readonly why: WhyNotEnded | undefined
}

/** Those that run the file, before what they started. */
export async function treeOf(file: HeldFile, mayEnd: MayEnd): Promise<FoundProcess[]> {
  const all = await allProcesses()
  const tree = new Map<number, FoundProcess>()
  const add = (fact: ProcessFact, itself: boolean): void => {
    const why = whyNotEnded(fact.pid, fact.program === undefined ? [] : [fact.program], mayEnd)
    tree.set(fact.pid, { ...fact, runs: true, itself, why })
  }
  for (const fact of all) if (runsFile(fact, file)) add(fact, true)
  // A child comes after its parent in this walk whatever the numbers are: the map grows while it is walked.
  for (const { pid, why } of tree.values()) {
    // SECURITY: what descends from us, from the first process or from a session is the session itself, not the malware.
    if (why !== undefined && why !== 'not-ours') continue
    for (const fact of all) if (fact.parent === pid && !tree.has(fact.pid)) add(fact, false)
  }
  return [...tree.values()]
}

/** Processes outside of the tree that map the file or have it open. They are named, never ended for that. */
export async function otherHolders(file: HeldFile, tree: readonly FoundProcess[]): Promise<FoundProcess[]> {
  const known = new Set(tree.map(({ pid }) => pid))
  return (await allProcesses())
    .filter(({ pid }) => !known.has(pid) && (holderIn(pid, file) !== undefined || hasOpen(pid, file)))
    .map((fact) => ({ ...fact, runs: false, itself: false, why: 'only-holds' }))
}
