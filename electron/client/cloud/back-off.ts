// How long to wait before the next try: 1 s, doubling to 60 s, each shortened by up to half so that many computers do not
// come back at the same moment. Pure.

const firstDelayMs = 1_000
const longestDelayMs = 60_000

/** `attempt` counts from 0; `random` is in [0, 1). */
export function backOffMs(attempt: number, random: number): number {
  const full = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt, 10))
  return Math.round(full * (1 - random / 2))
}
