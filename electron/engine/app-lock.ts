// The lock of the app's data folder, as the command line sees it: whether a living process holds it, and taking it.
// The form of the file is shared with the app (shared/files/app-lock.ts). A lock whose process is gone is taken over.
import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ProductError } from '#shared/errors.ts'
import { AppLock, appLockName, startTimeOf } from '#shared/files/app-lock.ts'
import { errnoOf } from './files/fs-errors.ts'

export interface AppLockHold {
  release(): void
}

/** Takes the lock for this process. Throws ProductError `app-running` while another living process holds it. */
export function acquireAppLock(dataDir: string): AppLockHold {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const file = path.join(dataDir, appLockName)
  const mine: AppLock = { version: 1, pid: process.pid, startTime: startTime(process.pid) }
  const temporary = `${file}.${randomBytes(6).toString('hex')}`
  writeFileSync(temporary, JSON.stringify(mine), { mode: 0o600, flag: 'wx' })
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (linked(temporary, file)) return { release: () => release(file, mine) }
      if (isHeld(file)) break
      removeStale(file)
    }
  } finally {
    rmSync(temporary, { force: true })
  }
  throw new ProductError('app-running')
}

/** True while a living process holds the lock of this data folder. */
export function isAppRunning(dataDir: string): boolean {
  return isHeld(path.join(dataDir, appLockName))
}

function isHeld(file: string): boolean {
  const lock = readLock(file)
  if (!lock) return false
  const now = startTime(lock.pid)
  // A process id is used again; the start time of its process is not.
  if (process.platform === 'linux') return now !== '' && now === lock.startTime
  return isAlive(lock.pid)
}

function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw new ProductError('io-error', appLockName, { cause: error })
  }
}

/** Renamed first and looked at again: another starter may have taken the lock in between. */
function removeStale(file: string): void {
  const aside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    renameSync(file, aside)
  } catch {
    return
  }
  if (isHeld(aside)) linked(aside, file)
  rmSync(aside, { force: true })
}

function readLock(file: string): AppLock | null {
  try {
    return AppLock.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return null
  }
}

function startTime(pid: number): string {
  try {
    return startTimeOf(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return errnoOf(error) === 'EPERM'
  }
}

function release(file: string, mine: AppLock): void {
  const lock = readLock(file)
  if (lock?.pid === mine.pid && lock.startTime === mine.startTime) rmSync(file, { force: true })
}
