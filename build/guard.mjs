// Stops what `npm start` started when `npm start` itself is gone, however it ended.
// It is told process ids on its standard input (`watch PID`, `forget PID`). When that input ends, its parent has ended:
// whatever is still watched is asked to stop, last named first, and killed if it does not.
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

const STOP_WITHIN_MS = 8_000
const POLL_MS = 50

const watched = new Set()

// A Ctrl-C reaches the whole process group; the guard has to outlive it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

for await (const line of createInterface({ input: process.stdin })) {
  const [order, pid] = line.split(' ')
  if (order === 'watch') watched.add(Number(pid))
  else watched.delete(Number(pid))
}
for (const pid of [...watched].reverse()) await stop(pid)

async function stop(pid) {
  signal(pid, 'SIGTERM')
  const until = Date.now() + STOP_WITHIN_MS
  while (isRunning(pid) && Date.now() < until) await delay(POLL_MS)
  signal(pid, 'SIGKILL')
}

/** A process that ended but was not yet collected by its new parent still takes signals; it counts as ended. */
function isRunning(pid) {
  if (!signal(pid, 0)) return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z'
  } catch {
    return true
  }
}

function signal(pid, name) {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
