// One look at all processes: who they are, whom they descend from, and whether they run a file, as program or as script.
// Never signals anything. What may not be looked at counts as not running the file.
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { toFilePath } from '../../files/path-text.ts'
import { type HeldFile, processIds } from '../processes.ts'
import { isFile, programOf, runsScript } from './scripts.ts'

/** A process as it was at one moment. `startTime`: clock ticks since the boot; with the pid it names one process for good. */
export interface ProcessFact {
  readonly pid: number
  readonly parent: number
  readonly startTime: string
  readonly uid: number
  readonly name: string
  /** Path of its program; undefined for a kernel thread and where we may not look. */
  readonly program: Buffer | undefined
  /** Stopped by a signal. */
  readonly stopped: boolean
}

/** Every process except ourselves and those that have ended (zombies have). */
export async function allProcesses(): Promise<ProcessFact[]> {
  const found: ProcessFact[] = []
  for (const pid of processIds()) {
    if (pid === process.pid) continue
    const fact = processFact(pid)
    if (fact !== undefined) found.push(fact)
    await turn()
  }
  return found
}

/** Undefined when there is no such process any more. */
export function processFact(pid: number): ProcessFact | undefined {
  const stat = readProc(`/proc/${pid}/stat`)?.toString('latin1')
  if (stat === undefined) return undefined
  // The name stands in brackets and may hold blanks and brackets itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state = 'X', parent] = fields
  const startTime = fields[19]
  if (state === 'Z' || state === 'X' || startTime === undefined) return undefined
  const uid = Number(/^Uid:\s+(\d+)/m.exec(readProc(`/proc/${pid}/status`)?.toString('latin1') ?? '')?.[1] ?? 0)
  const name = nameIn(stat)
  return { pid, parent: Number(parent), startTime, uid, name, program: programOf(pid), stopped: state === 'T' }
}

/** True when the file is the process's program, or the script that its program runs. */
export function runsFile({ pid }: ProcessFact, file: HeldFile): boolean {
  return isFile(`/proc/${pid}/exe`, file) === 'it' || runsScript(pid, file)
}

/** True when one of the process's open descriptors is the file. */
export function hasOpen(pid: number, file: HeldFile): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => isFile(`/proc/${pid}/fd/${fd}`, file) === 'it')
  } catch {
    return false
  }
}

function nameIn(stat: string): string {
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  return name === '' ? '?' : toFilePath(Buffer.from(name, 'latin1')).text.slice(0, 100)
}

function readProc(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    // The process ended, or belongs to somebody else.
    return undefined
  }
}
