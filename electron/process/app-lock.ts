// One app or command line per data folder: a lock file that names the process which holds it. A lock whose process is gone,
// or whose process id now belongs to another process, is taken over. Never waits.
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { ProductError } from '#shared/errors.ts'
import { AppLock, appLockName, type LockHolder, startTimeOf } from '#shared/files/app-lock.ts'
import { makeDataFolder } from './make-data-folder.ts'

export interface HeldLock {
  release(): Promise<void>
}

/**
 * Takes the lock. Throws ProductError while another living process has it: `app-running` for a command that meets the app, else
 * `storage-locked`; `io-error` when the folder cannot be used.
 */
export async function takeAppLock(dataDir: string, by: LockHolder): Promise<HeldLock> {
  makeDataFolder(dataDir)
  const file = path.join(dataDir, appLockName)
  const mine: AppLock = { version: 1, pid: process.pid, startTime: await startTime(process.pid), by }
  const temporary = `${file}.${randomUUID()}`
  await writeFile(temporary, JSON.stringify(mine), { mode: 0o600, flag: 'wx' })
  let holder: AppLock | null = null
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (await linked(temporary, file)) return { release: () => release(file, mine) }
      holder = await holderOf(file)
      if (holder !== null) break
      await removeStale(file)
    }
  } finally {
    await rm(temporary, { force: true })
  }
  throw heldBy(holder, by)
}

function heldBy(holder: AppLock | null, by: LockHolder): ProductError {
  if (holder?.by === 'command')
    return new ProductError('storage-locked', `another command works with it (${holder.pid})`)
  return new ProductError(by === 'command' ? 'app-running' : 'storage-locked')
}

/** The lock of this folder when a living process holds it, else null. */
async function holderOf(file: string): Promise<AppLock | null> {
  const lock = await readLock(file)
  if (lock === null) return null
  const now = await startTime(lock.pid)
  const isHeld = process.platform === 'linux' ? now !== '' && now === lock.startTime : isAlive(lock.pid)
  return isHeld ? lock : null
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw new ProductError('io-error', appLockName, { cause: error })
  }
}

/** Renamed first and looked at again: another starter may have taken the lock in between. */
async function removeStale(file: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  try {
    await rename(file, aside)
  } catch {
    return
  }
  if ((await holderOf(aside)) !== null) await linked(aside, file)
  await rm(aside, { force: true })
}

async function readLock(file: string): Promise<AppLock | null> {
  try {
    const parsed = AppLock.safeParse(JSON.parse(await readFile(file, 'utf8')))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

async function startTime(pid: number): Promise<string> {
  if (process.platform !== 'linux') return ''
  try {
    return startTimeOf(await readFile(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function release(file: string, mine: AppLock): Promise<void> {
  const lock = await readLock(file)
  if (lock && lock.pid === mine.pid && lock.startTime === mine.startTime) await rm(file, { force: true })
}
