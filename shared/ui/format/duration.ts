// Lengths of time: how long something took, how long it has run, how much is left, how old it is. Pure.
import { plural } from './count.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** "12 s", "3 min 12 s", "2 h 5 min". */
export function formatDuration(ms: number): string {
  const seconds = Math.round(ms / second)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** A running clock: "12:41", "1:02:09". */
export function formatClock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / second))
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const rest = `${hours > 0 ? two(Math.floor(seconds / 60) % 60) : Math.floor(seconds / 60)}:${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

/** "About 21 min left", rounded up. */
export function formatLeft(ms: number): string {
  if (ms <= minute) return 'Less than 1 min left'
  const minutes = Math.ceil(ms / minute)
  if (minutes < 60) return `About ${minutes} min left`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `About ${hours} h left` : `About ${hours} h ${minutes % 60} min left`
}

/** How old something is: "less than 1 h", "2 h", "5 days". */
export function formatAge(ms: number): string {
  if (ms < hour) return 'less than 1 h'
  if (ms < day) return `${Math.floor(ms / hour)} h`
  return plural(Math.floor(ms / day), 'day', 'days')
}

/** For how long something is gone: "5 min", "2 h", "3 days". */
export function formatSpan(ms: number): string {
  return ms < hour ? `${Math.max(1, Math.floor(ms / minute))} min` : formatAge(ms)
}
