// Ends the processes that run a treated file, where that is allowed, and names those that go on holding it.
// SECURITY: never our own process, our parents or pid 1; never a process that only maps the file; never by pid alone.
import { setTimeout as wait } from 'node:timers/promises'
import { type FoundHolder, type HeldFile, holderIn, holdersOf, ownLine } from './processes.ts'

const endWithinMs = 2_000
const lookEveryMs = 20

/** Ends what may be ended; the holders that remain. `mayEnd`: the policy of whoever owns the machine's processes. */
export async function endHolders(file: HeldFile, mayEnd: (pid: number) => boolean): Promise<FoundHolder[]> {
  const remaining: FoundHolder[] = []
  for (const holder of await holdersOf(file)) {
    if (!(await endHolder(holder, file, mayEnd))) remaining.push(holder)
  }
  return remaining
}

/** Ends one holder if it is still the same process running this very file. True when nothing of it holds the file any more. */
export async function endHolder(
  holder: FoundHolder,
  file: HeldFile,
  mayEnd: (pid: number) => boolean,
): Promise<boolean> {
  if (holder.runs && !ownLine().has(holder.pid) && mayEnd(holder.pid)) stopAndKill(holder, file)
  else return !stillHolds(holder, file)
  for (let waited = 0; waited < endWithinMs; waited += lookEveryMs) {
    if (!stillHolds(holder, file)) return true
    await wait(lookEveryMs)
  }
  return false
}

/** True when the same process (pid and start time) still holds the file. */
export function stillHolds(holder: { readonly pid: number; readonly startTime: string }, file: HeldFile): boolean {
  return holderIn(holder.pid, file)?.startTime === holder.startTime
}

/** Stopped first: a stopped process cannot become another program between the last check and the kill. */
function stopAndKill(holder: FoundHolder, file: HeldFile): void {
  if (!sameProgram(holder, file)) return
  if (!signal(holder.pid, 'SIGSTOP')) return
  signal(holder.pid, sameProgram(holder, file) ? 'SIGKILL' : 'SIGCONT')
}

function sameProgram(holder: FoundHolder, file: HeldFile): boolean {
  const now = holderIn(holder.pid, file)
  return now?.runs === true && now.startTime === holder.startTime
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGKILL' | 'SIGCONT'): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    // Ended meanwhile, or not ours to signal: the caller looks again and finds out which.
    return false
  }
}
