// One look at all processes: who they are, whom they descend from, and whether they run a file, as program or as script.
// Never signals anything. What may not be looked at counts as not running the file.
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { toFilePath } from '../../files/path-text.ts'
import type { HeldFile } from '../processes.ts'
import { interpreterOf, type Looked, runsAsScript } from './interpreters.ts'

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
  for (const entry of readdirSync('/proc')) {
    if (!/^[0-9]+$/.test(entry) || Number(entry) === process.pid) continue
    const fact = processFact(Number(entry))
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
export function runsFile({ pid, program }: ProcessFact, file: HeldFile): boolean {
  if (isFile(`/proc/${pid}/exe`, file) === 'it') return true
  const interpreter = program === undefined ? undefined : interpreterOf(program.toString('latin1'))
  const [, ...args] = argumentsOf(pid)
  return interpreter !== undefined && runsAsScript(interpreter, args, (argument) => lookFrom(pid, argument, file))
}

/** True when one of the process's open descriptors is the file. */
export function hasOpen(pid: number, file: HeldFile): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => isFile(`/proc/${pid}/fd/${fd}`, file) === 'it')
  } catch {
    return false
  }
}

/** Looks at an argument as the process itself would: from its root or its folder. Arguments are latin1, a byte each. */
function lookFrom(pid: number, argument: string, file: HeldFile): Looked {
  if (argument === '') return 'no-file'
  const bytes = Buffer.from(argument, 'latin1')
  const isAbsolute = argument.startsWith('/')
  const base = `/proc/${pid}/${isAbsolute ? 'root' : 'cwd/'}`
  const seen = isFile(Buffer.concat([Buffer.from(base), bytes]), file)
  if (seen !== 'no-file') return seen
  // Moved away meanwhile: then the place it had says what it was.
  return file.paths.some((path) => path.equals(isAbsolute ? bytes : inFolderOf(pid, bytes))) ? 'it' : 'no-file'
}

function inFolderOf(pid: number, name: Buffer): Buffer {
  const folder = readLink(`/proc/${pid}/cwd`) ?? Buffer.alloc(0)
  const plain = name.subarray(0, 2).equals(Buffer.from('./')) ? name.subarray(2) : name
  return Buffer.concat([folder, Buffer.from('/'), plain])
}

function isFile(path: string | Buffer, { dev, ino }: HeldFile): Looked {
  try {
    const stat = statSync(path, { bigint: true })
    if (stat.dev === dev && stat.ino === ino) return 'it'
    return stat.isFile() ? 'other-file' : 'no-file'
  } catch {
    // Not there, ended, or not ours to look at.
    return 'no-file'
  }
}

function argumentsOf(pid: number): string[] {
  return (readProc(`/proc/${pid}/cmdline`)?.toString('latin1') ?? '').split('\0').slice(0, -1)
}

function nameIn(stat: string): string {
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  return name === '' ? '?' : toFilePath(Buffer.from(name, 'latin1')).text.slice(0, 100)
}

function programOf(pid: number): Buffer | undefined {
  const path = readLink(`/proc/${pid}/exe`)
  const deleted = Buffer.from(' (deleted)')
  return path?.subarray(-deleted.length).equals(deleted) === true ? path.subarray(0, -deleted.length) : path
}

function readLink(path: string): Buffer | undefined {
  try {
    return readlinkSync(path, { encoding: 'buffer' })
  } catch {
    return undefined
  }
}

function readProc(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    // The process ended, or belongs to somebody else.
    return undefined
  }
}
