// The processes that are part of an active object: those that run its file and what they started; and those that only hold it.
// Owns who would be ended, and why somebody would not. Never signals anything.
import type { WhyNotEnded } from '#shared/domain/treatment.ts'
import { type HeldFile, holderIn, ownLine } from '../processes.ts'
import { allProcesses, hasOpen, type ProcessFact, runsFile } from './process-table.ts'

export interface FoundProcess extends ProcessFact {
  /** Runs the file, or was started by one that does. */
  readonly runs: boolean
  /** Why it is not ended; undefined: it is. */
  readonly why: WhyNotEnded | undefined
}

/** True when this process may be ended: the policy of whoever owns the machine's processes. */
export type MayEnd = (pid: number) => boolean

/** Those that run the file, before what they started. */
export async function treeOf(file: HeldFile, mayEnd: MayEnd): Promise<FoundProcess[]> {
  const all = await allProcesses()
  const own = ownLine()
  const tree = new Map<number, FoundProcess>()
  const add = (fact: ProcessFact): void => {
    const why = reason(fact.pid, own, mayEnd)
    tree.set(fact.pid, { ...fact, runs: true, why })
  }
  for (const fact of all) if (runsFile(fact, file)) add(fact)
  // A child comes after its parent in this walk whatever the numbers are: the map grows while it is walked.
  for (const { pid } of tree.values()) {
    // SECURITY: what descends from us or from the first process is the session itself, not the malware.
    if (own.has(pid)) continue
    for (const fact of all) if (fact.parent === pid && !tree.has(fact.pid)) add(fact)
  }
  return [...tree.values()]
}

/** Processes outside of the tree that map the file or have it open. They are named, never ended for that. */
export async function otherHolders(file: HeldFile, tree: readonly FoundProcess[]): Promise<FoundProcess[]> {
  const known = new Set(tree.map(({ pid }) => pid))
  return (await allProcesses())
    .filter(({ pid }) => !known.has(pid) && (holderIn(pid, file) !== undefined || hasOpen(pid, file)))
    .map((fact) => ({ ...fact, runs: false, why: 'only-holds' }))
}

function reason(pid: number, own: ReadonlySet<number>, mayEnd: MayEnd): WhyNotEnded | undefined {
  if (pid === 1) return 'system'
  if (own.has(pid)) return 'own-line'
  return mayEnd(pid) ? undefined : 'not-ours'
}
