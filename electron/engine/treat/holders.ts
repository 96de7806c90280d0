// Ends the processes that run a treated file, where that is allowed, and names those that go on holding it, with the reason.
// SECURITY: never whom why-not-ended.ts names; never a process that only maps the file; never by pid alone.
import { setTimeout as wait } from 'node:timers/promises'
import { openProcess, signalGroup } from './process-handle.ts'
import {
  type FoundHolder,
  groupOf,
  type HeldFile,
  holderIn,
  holdersOf,
  isStuck,
  membersOf,
  startTimeOf,
} from './processes.ts'
import { type MayEnd, whyNotEnded } from './why-not-ended.ts'

const endWithinMs = 2_000
const lookEveryMs = 20
/** What a process starts before it is stopped is found in the next round. */
const mostRounds = 4

/** Ends what may be ended, and calls `onEnded` for each; the holders that remain, each with its reason. */
export async function endHolders(
  file: HeldFile,
  mayEnd: MayEnd,
  onEnded: (holder: FoundHolder) => void = () => undefined,
): Promise<FoundHolder[]> {
  for (let round = 1; ; round += 1) {
    const found = (await holdersOf(file)).map((holder) => judged(holder, file, mayEnd))
    const ending = found.filter(({ why }) => why === undefined)
    if (ending.length === 0) return found
    stopWholeGroups(ending, file)
    for (const holder of ending) stopAndKill(holder, file)
    const left = await waitForEnd(ending, file)
    for (const holder of ending) if (!left.some(({ pid }) => pid === holder.pid)) onEnded(holder)
    // A process that has started another one before it was ended leaves that one for the next round.
    if (left.length > 0 || round === mostRounds) return [...found.filter(({ why }) => why !== undefined), ...left]
  }
}

/** Ends one holder if it is still the same process running this very file. True when nothing of it holds the file any more. */
export async function endHolder(holder: FoundHolder, file: HeldFile, mayEnd: MayEnd): Promise<boolean> {
  if (judged(holder, file, mayEnd).why !== undefined) return !stillHolds(holder, file)
  stopAndKill(holder, file)
  return (await waitForEnd([holder], file)).length === 0
}

/** True when the same process (pid and start time) still holds the file. */
export function stillHolds(holder: { readonly pid: number; readonly startTime: string }, file: HeldFile): boolean {
  return holderIn(holder.pid, file)?.startTime === holder.startTime
}

function judged(holder: FoundHolder, file: HeldFile, mayEnd: MayEnd): FoundHolder {
  if (holder.why !== undefined) return holder
  const why = holder.runs ? whyNotEnded(holder.pid, file.paths, mayEnd) : 'only-holds'
  return why === undefined ? holder : { ...holder, why }
}

/** Those that still hold the file after a while. */
async function waitForEnd(holders: readonly FoundHolder[], file: HeldFile): Promise<FoundHolder[]> {
  for (let waited = 0; ; waited += lookEveryMs) {
    const left = holders.filter((holder) => stillHolds(holder, file))
    if (left.length === 0 || waited >= endWithinMs) return left.map(unended)
    await wait(lookEveryMs)
  }
}

/** It was allowed and did not work. */
function unended(holder: FoundHolder): FoundHolder {
  return { ...holder, why: isStuck(holder.pid) ? 'stuck' : 'not-ours' }
}

/**
 * A group in which everybody runs the file is stopped at once: then none of them can start what one that is being ended would
 * have been for. In any other group somebody else's work would be stopped too: there only the processes themselves are.
 */
function stopWholeGroups(ending: readonly FoundHolder[], file: HeldFile): void {
  const own = groupOf(process.pid)
  for (const group of new Set(ending.map((holder) => holder.group))) {
    const members = membersOf(group)
    const isWhole = members.every((pid) => ending.some((holder) => holder.pid === pid))
    if (group <= 1 || group === own || members.length < 2 || !isWhole) continue
    signalGroup(group, 'SIGSTOP')
    for (const pid of membersOf(group)) if (!runsSurely(pid, file)) goOn(pid)
  }
}

/** It joined the group while that was being stopped. */
function goOn(pid: number): void {
  const handle = openProcess(pid)
  handle?.signal('SIGCONT')
  handle?.close()
}

/** Stopped first: a stopped process cannot become another program between the last check and the kill. */
function stopAndKill(holder: FoundHolder, file: HeldFile): void {
  const handle = openProcess(holder.pid)
  if (handle === undefined) return
  try {
    if (!sameProgram(holder, file) || !handle.signal('SIGSTOP')) return
    handle.signal(sameProgram(holder, file) ? 'SIGKILL' : 'SIGCONT')
  } finally {
    handle.close()
  }
}

function runsSurely(pid: number, file: HeldFile): boolean {
  const now = holderIn(pid, file)
  return now?.runs === true && now.why === undefined
}

function sameProgram(holder: FoundHolder, file: HeldFile): boolean {
  return runsSurely(holder.pid, file) && startTimeOf(holder.pid) === holder.startTime
}
