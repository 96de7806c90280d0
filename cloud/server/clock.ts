// Time as a port: what the portal asks for the time and has itself called by later. Owns the real clock only; tests bring
// one they can move. Never keeps the process alive by itself.

export interface Clock {
  now(): Date
  /** Calls once after `ms`; returns the function that cancels it. */
  after(ms: number, run: () => void): () => void
}

export const systemClock: Clock = {
  now: () => new Date(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** A moment `ms` after (or, negative, before) another. */
export function plus(moment: Date, ms: number): Date {
  return new Date(moment.getTime() + ms)
}

/** ISO text of a moment, null kept. */
export function iso(moment: Date): string
export function iso(moment: Date | null): string | null
export function iso(moment: Date | null): string | null {
  return moment === null ? null : moment.toISOString()
}
