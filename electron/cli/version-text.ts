// How an installed version of the databases is told: its number, its age, where it came from.
// Never reads anything.
import type { Generation } from '../engine/databases/feed/update-state.ts'
import { harmless } from './terminal.ts'

const dayMs = 24 * 3_600_000
/** From so many days on databases are out of date, and extremely so. */
const [outOfDateDays, extremelyDays] = [3, 7]

/** Null: the databases that ship with the product. */
export function versionText(generation: Generation | null): string {
  if (generation === null) return 'the databases that ship with the product'
  const { version, builtAt, from } = generation
  return `version ${version}, built ${ageText(Date.now() - Date.parse(builtAt))}, from ${harmless(from)}`
}

function ageText(ageMs: number): string {
  const days = Math.max(0, ageMs) / dayMs
  const whole = Math.floor(days)
  const text = whole === 0 ? 'today' : whole === 1 ? 'a day ago' : `${whole} days ago`
  if (days > extremelyDays) return `${text} (extremely out of date)`
  return days > outOfDateDays ? `${text} (out of date)` : text
}
