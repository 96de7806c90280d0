// A process that is signalled, held so that its number cannot mean another one meanwhile. Where the system has no such handles
// the number is used. Never decides who is signalled.
import { closeSync } from 'node:fs'
import { constants } from 'node:os'
import { linuxCalls } from '../files/linux-calls.ts'

export type EndingSignal = 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'

export interface ProcessHandle {
  /** False when it has ended, or is not ours to signal: the caller looks again and finds out which. */
  signal(name: EndingSignal): boolean
  close(): void
}

/** Undefined when there is no such process. Check who it is after this: the handle stays with whoever it was opened for. */
export function openProcess(pid: number): ProcessHandle | undefined {
  const calls = linuxCalls()
  try {
    const fd = calls?.openProcess(pid)
    if (calls !== undefined && fd === undefined) return undefined
    if (calls !== undefined && fd !== undefined) {
      const signal = (name: EndingSignal): boolean =>
        unlessRefused(() => calls.signalProcess(fd, constants.signals[name]))
      return { signal, close: () => closeSync(fd) }
    }
  } catch {
    // A kernel before 5.3, or a container that forbids the call.
  }
  return { signal: (name) => unlessRefused(() => process.kill(pid, name)), close: () => undefined }
}

/** All members of a process group at once, so that none can start another one that is not stopped. */
export function signalGroup(group: number, name: EndingSignal): boolean {
  return unlessRefused(() => process.kill(-group, name))
}

function unlessRefused(act: () => boolean): boolean {
  try {
    return act()
  } catch {
    return false
  }
}
