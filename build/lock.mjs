// A lock folder that keeps two builds from writing the same output at the same time.
// A lock whose owner no longer lives is taken over; it never waits longer than the given limit.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 100
const LIMIT_MS = 180_000

/** Runs `work` while holding the lock and gives back its result. */
export async function withLock(folder, work, limitMs = LIMIT_MS) {
  const until = Date.now() + limitMs
  while (!take(folder)) {
    if (Date.now() > until) throw new Error(`another build has held ${folder} for too long`)
    if (ownerIsGone(folder)) rmSync(folder, { recursive: true, force: true })
    else await delay(POLL_MS)
  }
  try {
    return await work()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function take(folder) {
  mkdirSync(path.dirname(folder), { recursive: true })
  try {
    mkdirSync(folder)
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
  writeFileSync(path.join(folder, 'pid'), String(process.pid))
  return true
}

function ownerIsGone(folder) {
  try {
    process.kill(Number(readFileSync(path.join(folder, 'pid'), 'utf8')), 0)
    return false
  } catch (error) {
    // No pid file yet means that the owner is just taking it.
    return error.code === 'ESRCH'
  }
}
