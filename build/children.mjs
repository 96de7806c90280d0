// The processes that one command started: stops them in a given order, and has a guard stop them if the command is killed.
// It only ever signals processes that it was handed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { inProject } from './project.mjs'

const STOP_WITHIN_MS = 10_000
const PARENT_POLL_MS = 500

/** Children are stopped in the reverse of the order in which they were added. */
export function createChildren() {
  const guard = startGuard()
  const started = []
  return {
    /** Owns a process from now on. */
    add(child) {
      if (child.pid === undefined) return
      started.push(child)
      guard.write(`watch ${child.pid}\n`)
      child.once('exit', () => guard.write(`forget ${child.pid}\n`))
    },
    async stopAll() {
      for (const child of started.toReversed()) await stopChild(child)
      guard.end()
    },
  }
}

function startGuard() {
  const guard = spawn(process.execPath, [inProject('build/guard.mjs')], { stdio: ['pipe', 'ignore', 'inherit'] })
  // The guard must neither keep us alive nor bring us down.
  guard.unref()
  guard.stdin.on('error', () => {})
  return guard.stdin
}

/** Asks a process to stop, waits, and kills it if it did not. */
async function stopChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const inTime = await Promise.race([ended.then(() => true), delay(STOP_WITHIN_MS, false, { ref: false })])
  if (inTime) return
  child.kill('SIGKILL')
  await ended
}

/** Calls `stop` once when npm, which runs us through a shell, has ended without telling us. */
export function watchParent(stop) {
  if (!process.env.npm_lifecycle_event) return
  const family = ancestors()
  const timer = setInterval(() => {
    if (ancestors() === family) return
    clearInterval(timer)
    stop()
  }, PARENT_POLL_MS)
  timer.unref()
}

/** Our parent, and where the system tells, its parent: a shell may stand between npm and us. */
function ancestors() {
  const parent = process.ppid
  if (process.platform !== 'linux') return String(parent)
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, 'utf8')
    // The name in parentheses may hold anything; the parent's id is the second field after it.
    return `${parent} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`
  } catch {
    return String(parent)
  }
}
