// Tells whether a process runs a file as its script: which interpreter it is, how it was called, and what its arguments lead to from
// where it stands. Never signals anything. What may not be looked at counts as not running the file.
import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { interpreterOf, type Looked, runsAsScript } from './interpreters.ts'

/** A file by inode, and the paths it has or had. */
export interface ScriptFile {
  readonly dev: bigint
  readonly ino: bigint
  readonly paths: readonly Buffer[]
}

/** True when the process's program is an interpreter that was told to run this file. */
export function runsScript(pid: number, file: ScriptFile): boolean {
  const program = programOf(pid)
  const interpreter = program === undefined ? undefined : interpreterOf(program.toString('latin1'))
  if (interpreter === undefined) return false
  const [, ...args] = argumentsOf(pid)
  return runsAsScript(interpreter, args, (argument) => lookFrom(pid, argument, file))
}

/** Looks at an argument as the process itself would: from its root or its folder. Arguments are latin1, a byte each. */
function lookFrom(pid: number, argument: string, file: ScriptFile): Looked {
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

/** What lies at a path, links followed. */
export function isFile(path: string | Buffer, { dev, ino }: ScriptFile): Looked {
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

/** Path of its program; undefined for a kernel thread and where we may not look. */
export function programOf(pid: number): Buffer | undefined {
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
