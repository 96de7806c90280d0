// The folder that one run of the helper journals in, so that a later run can finish or undo what was cut off. Several may run at
// once: each has its own, and takes over only those whose run is over. Never acts on a treated file.
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { withProductErrors } from '../../files/fs-errors.ts'
import { startTimeOf } from '../processes.ts'

export interface HelperFolders {
  /** Of this run. */
  readonly own: string
  /** Left by runs that did not come to their end; nobody else has them now. */
  readonly left: readonly string[]
}

/** Throws ProductError when there is no place to journal in. */
export function openHelperFolders(base: string): HelperFolders {
  return withProductErrors(() => {
    mkdirSync(base, { recursive: true, mode: 0o700 })
    const me = `${process.pid}-${startTimeOf(process.pid)}`
    const left = readdirSync(base)
      .filter((name) => !isAlive(name))
      .flatMap((name, index) => claimed(join(base, name), join(base, `${me}-left-${index}`)))
    const own = join(base, me)
    mkdirSync(own, { mode: 0o700 })
    return { own, left }
  })
}

export function removeHelperFolder(folder: string): void {
  withProductErrors(() => rmSync(folder, { recursive: true, force: true }))
}

/** `PID-STARTTIME`, and more behind it. */
function isAlive(name: string): boolean {
  const [pid, startTime] = name.split('-')
  return startTimeOf(Number(pid)) === startTime
}

/** Empty when another run was faster. */
function claimed(folder: string, name: string): string[] {
  try {
    renameSync(folder, name)
    return [name]
  } catch {
    return []
  }
}
