// Signals exactly the process that was meant: by pid and start time, through a handle where the system has them.
// Never decides who may be signalled.
import { setTimeout as wait } from 'node:timers/promises'
import { type EndingSignal, openProcess } from '../process-handle.ts'
import { startTimeOf } from '../processes.ts'

/** One process for good: numbers are used again, but not with the same start. */
export interface ProcessMark {
  readonly pid: number
  readonly startTime: string
}

const endWithinMs = 2_000
const lookEveryMs = 10

/** True while this very process runs. */
export function isAlive({ pid, startTime }: ProcessMark): boolean {
  return startTimeOf(pid) === startTime
}

/** False when it has ended, or may not be signalled. */
export function signalExactly(process: ProcessMark, name: EndingSignal): boolean {
  const handle = openProcess(process.pid)
  try {
    // The handle was made before this look: if the number still means the process, so does the handle.
    return handle !== undefined && isAlive(process) && handle.signal(name)
  } finally {
    handle?.close()
  }
}

/** Ends them, and waits until they are gone; those that were there and are gone. */
export async function endExactly<T extends ProcessMark>(processes: readonly T[]): Promise<T[]> {
  const there = processes.filter(isAlive)
  for (const process of there) signalExactly(process, 'SIGKILL')
  for (let waited = 0; waited < endWithinMs && there.some(isAlive); waited += lookEveryMs) await wait(lookEveryMs)
  return there.filter((process) => !isAlive(process))
}
