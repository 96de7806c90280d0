// One clock for all relative times of a window: a list of a hundred rows must not run a hundred timers.
import { useSyncExternalStore } from 'react'

const everyMs = 20_000
const listeners = new Set<() => void>()
let now = new Date()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = new Date()
    timer = setInterval(tick, everyMs)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

function tick(): void {
  now = new Date()
  for (const listener of listeners) listener()
}

/** The time now, renewed every 20 s for everybody at once. */
export function useSharedNow(): Date {
  const read = () => now
  return useSyncExternalStore(subscribe, read, read)
}
