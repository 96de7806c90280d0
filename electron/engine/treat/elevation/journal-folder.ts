// The folder that one run of the helper journals in, so that a later run can take back what was cut off. Several may run at once:
// each has its own, and takes over only those whose run is over. A folder keeps its name: its journal says what was moved where in it.
// Never acts on a treated file.
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { errnoOf, withProductErrors } from '../../files/fs-errors.ts'
import { startTimeOf } from '../processes.ts'

export interface HelperFolders {
  /** Of this run. */
  readonly own: string
  /** Left by runs that did not come to their end; nobody else has them now. */
  readonly left: readonly string[]
}

/** A file in each folder whose name says which run has it: `owner-PID-STARTTIME`. */
const ownerPrefix = 'owner-'

/** Throws ProductError when there is no place to journal in. */
export function openHelperFolders(base: string): HelperFolders {
  return withProductErrors(() => {
    mkdirSync(base, { recursive: true, mode: 0o700 })
    const me = `${process.pid}-${startTimeOf(process.pid)}`
    const left = readdirSync(base)
      .map((name) => join(base, name))
      .filter((folder) => isTakenOver(folder, me))
    const own = join(base, me)
    mkdirSync(own, { mode: 0o700 })
    writeFileSync(join(own, ownerOf(me)), '')
    return { own, left }
  })
}

/** Unless something still lies in it that was moved there. */
export function removeHelperFolder(folder: string): void {
  withProductErrors(() => {
    try {
      rmdirSync(join(folder, 'grab'))
    } catch (error) {
      if (errnoOf(error) === 'ENOTEMPTY') return
      if (errnoOf(error) !== 'ENOENT') throw error
    }
    rmSync(folder, { recursive: true, force: true })
  })
}

/** False while the run that has it is alive, or when another one was faster. */
function isTakenOver(folder: string, me: string): boolean {
  const owner = ownerIn(folder)
  if (owner === undefined || isAlive(owner)) return false
  try {
    renameSync(join(folder, ownerOf(owner)), join(folder, ownerOf(me)))
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/** Undefined: it is gone. */
function ownerIn(folder: string): string | undefined {
  try {
    const found = readdirSync(folder).find((name) => name.startsWith(ownerPrefix))
    if (found !== undefined) return found.slice(ownerPrefix.length)
    // Cut off before it had one, or made by an earlier version: the folder has the name of its run.
    const [pid, startTime] = folder.slice(folder.lastIndexOf('/') + 1).split('-')
    const first = `${pid}-${startTime}`
    if (!isAlive(first)) writeFileSync(join(folder, ownerOf(first)), '')
    return first
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

const ownerOf = (run: string): string => `${ownerPrefix}${run}`

/** `PID-STARTTIME`. */
function isAlive(run: string): boolean {
  const [pid, startTime] = run.split('-')
  return startTimeOf(Number(pid)) === startTime
}
