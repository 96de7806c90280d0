// One app or command line per data folder: a lock file that names the process which holds it. A lock whose process is gone,
// or whose process id now belongs to another process, is taken over. Never waits.
import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import { AppLock, appLockName, startTimeOf } from '#shared/files/app-lock.ts'

export interface HeldLock {
  release(): Promise<void>
}

/** Takes the lock, or throws a ProductError with the code `whenHeld` while another living process has it. */
export async function takeAppLock(dataDir: string, whenHeld: ErrorCode): Promise<HeldLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const file = path.join(dataDir, appLockName)
  const mine: AppLock = { version: 1, pid: process.pid, startTime: await startTime(process.pid) }
  const temporary = `${file}.${randomUUID()}`
  await writeFile(temporary, JSON.stringify(mine), { mode: 0o600, flag: 'wx' })
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      if (await linked(temporary, file)) return { release: () => release(file, mine) }
      if (await isHeld(file)) break
      await removeStale(file)
    }
  } finally {
    await rm(temporary, { force: true })
  }
  throw new ProductError(whenHeld)
}

/** True when a living process holds the lock of this folder. */
async function isHeld(file: string): Promise<boolean> {
  const lock = await readLock(file)
  if (lock === null) return false
  const now = await startTime(lock.pid)
  if (process.platform === 'linux') return now !== '' && now === lock.startTime
  return isAlive(lock.pid)
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
  if (await isHeld(aside)) await linked(aside, file)
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
