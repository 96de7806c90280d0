// What /proc says about processes: who runs or maps a file, when a process started, who its parents are.
// Never signals anything.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import type { Holder } from '#shared/files/treatment-lines.ts'
import { errnoOf } from '../files/fs-errors.ts'
import { toFilePath } from '../files/path-text.ts'
import { runsScript } from './active/scripts.ts'

/** A file by inode, and the paths it has or had (for file systems whose maps show another device number). */
export interface HeldFile {
  readonly dev: bigint
  readonly ino: bigint
  readonly paths: readonly Buffer[]
}

/** `runs`: the file is the process's own program, or the script of its program, not only mapped by it; `why` then says that this is only likely. `group`: its process group. */
export interface FoundHolder extends Holder {
  readonly runs: boolean
  readonly group: number
}

/** Every process except ourselves that runs or maps the file, as far as we may look. */
export async function holdersOf(file: HeldFile): Promise<FoundHolder[]> {
  const found: FoundHolder[] = []
  for (const pid of processIds()) {
    const holder = holderIn(pid, file)
    if (holder !== undefined) found.push(holder)
    await turn()
  }
  return found
}

/** This process as a holder of the file, or undefined when it is gone, a zombie, ourselves, or does not hold it. */
export function holderIn(pid: number, file: HeldFile): FoundHolder | undefined {
  if (pid === process.pid) return undefined
  const startTime = startTimeOf(pid)
  if (startTime === undefined) return undefined
  const runs = runsFile(pid, file)
  const holder = { pid, startTime, name: nameOf(pid), group: groupOf(pid) }
  if (runs === 'perhaps') return { ...holder, runs: true, why: 'not-ours' }
  return runs === 'yes' || mapsFile(pid, file) ? { ...holder, runs: runs === 'yes' } : undefined
}

/** Ids of all processes, as far as they can be seen; none on a system that does not tell them like this. */
export function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^[0-9]+$/.test(entry))
      .map(Number)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Ids of all processes of a group, as far as they can be seen. */
export function membersOf(group: number): number[] {
  return processIds().filter((pid) => groupOf(pid) === group)
}

/** Its process group; 0 when there is no such process. */
export function groupOf(pid: number): number {
  return Number(statFields(pid)?.[2] ?? 0)
}

/** PF_KTHREAD of the kernel. */
const kernelThread = 0x0020_0000

export function isKernelThread(pid: number): boolean {
  return (Number(statFields(pid)?.[6] ?? 0) & kernelThread) !== 0
}

/** True while it waits for a device: no signal reaches it then. */
export function isStuck(pid: number): boolean {
  return statFields(pid)?.[0] === 'D'
}

/** Clock ticks from the boot to the start of a process; undefined when it has ended (zombies have). */
export function startTimeOf(pid: number): string | undefined {
  const fields = statFields(pid)
  const state = fields?.[0]
  return state === undefined || state === 'Z' || state === 'X' ? undefined : fields?.[19]
}

/** We ourselves and every parent up to the first process. */
export function ownLine(): ReadonlySet<number> {
  const line = new Set<number>([1, process.pid])
  for (let pid = process.ppid; pid > 1 && !line.has(pid); ) {
    line.add(pid)
    pid = Number(statFields(pid)?.[1] ?? 0)
  }
  return line
}

/** Fields of /proc/PID/stat from the state on; the name before them may hold blanks and brackets. */
function statFields(pid: number): string[] | undefined {
  const text = readProc(`/proc/${pid}/stat`)?.toString('latin1')
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')
}

function nameOf(pid: number): string {
  const name = readProc(`/proc/${pid}/comm`)
  const trimmed = name?.subarray(0, name.length - 1)
  return trimmed === undefined || trimmed.length === 0 ? '?' : toFilePath(trimmed).text.slice(0, 100)
}

function runsFile(pid: number, file: HeldFile): 'yes' | 'no' | 'perhaps' {
  try {
    const exe = statSync(`/proc/${pid}/exe`, { bigint: true })
    return (exe.dev === file.dev && exe.ino === file.ino) || runsScript(pid, file) ? 'yes' : 'no'
  } catch (error) {
    // Ended, a kernel thread, or not ours to look at: then what it was started as is all there is to see.
    return errnoOf(error) === 'EACCES' && wasStartedAs(pid, file) ? 'perhaps' : 'no'
  }
}

/** A process of somebody else, called by the path of the file and named after it. Good for naming it, never for ending it. */
function wasStartedAs(pid: number, file: HeldFile): boolean {
  const called = readProc(`/proc/${pid}/cmdline`)
  const name = readProc(`/proc/${pid}/comm`)
  if (called === undefined || name === undefined) return false
  const program = called.subarray(0, Math.max(0, called.indexOf(0)))
  // The kernel keeps fifteen bytes of a name.
  const isNamed = (path: Buffer): boolean =>
    path
      .subarray(path.lastIndexOf('/') + 1)
      .subarray(0, 15)
      .equals(name.subarray(0, name.length - 1))
  return file.paths.some((path) => path.equals(program) && isNamed(path))
}

function mapsFile(pid: number, file: HeldFile): boolean {
  const maps = readProc(`/proc/${pid}/maps`)?.toString('latin1')
  if (maps?.includes(` ${file.ino} `) !== true) return false
  const device = mapsDevice(file.dev)
  const paths = file.paths.map((path) => path.toString('latin1').replaceAll('\n', '\\012'))
  return maps.split('\n').some((line) => {
    const [, , , dev, ino, ...rest] = line.split(/ +/)
    if (ino !== file.ino.toString()) return false
    const path = rest.join(' ').replace(/ \(deleted\)$/, '')
    return dev === device || paths.includes(path)
  })
}

/** A device number as /proc/PID/maps writes it: hex major and minor, two digits at least. */
function mapsDevice(dev: bigint): string {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)
  const minor = (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)
  return `${major.toString(16).padStart(2, '0')}:${minor.toString(16).padStart(2, '0')}`
}

function readProc(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch {
    // The process ended, or belongs to somebody else.
    return undefined
  }
}
