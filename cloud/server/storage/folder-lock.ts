// One portal process per data folder: two of them on one embedded database would destroy it. Owns the file `portal.lock`
// with the owner's process id and start time; a lock whose owner is gone is taken over.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ProductError } from '#shared/errors.ts'

const held = new Set<string>()

/** Takes the lock or throws `storage-locked`. Returns the function that gives it back. */
export function lockFolder(folder: string): () => void {
  const file = path.join(folder, 'portal.lock')
  if (held.has(file)) throw new ProductError('storage-locked', folder)
  if (!create(file)) {
    if (ownerLives(file)) throw new ProductError('storage-locked', folder)
    rmSync(file, { force: true })
    if (!create(file)) throw new ProductError('storage-locked', folder)
  }
  held.add(file)
  return () => {
    if (held.delete(file)) rmSync(file, { force: true })
  }
}

function create(file: string): boolean {
  try {
    writeFileSync(file, `${process.pid} ${startOf(process.pid)}`, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** A lock of this process that it does not hold is left over from an earlier one with the same id (containers). */
function ownerLives(file: string): boolean {
  const [pid = 0, start] = readFileSync(file, 'utf8').trim().split(' ').map(Number)
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return start === startOf(pid)
}

/** Start time of a process in clock ticks, where the system tells; tells a reused id apart. */
function startOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return 0
  }
}
