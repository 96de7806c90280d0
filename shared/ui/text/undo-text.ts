// Whether what was done to an object can be undone, and why an attempt to undo it failed, in words. Owns sentences only.
import type { Detection } from '#shared/domain/detection.ts'
import { keptForever } from '#shared/domain/quarantine-limits.ts'
import { undoUntil } from '#shared/domain/undo.ts'
import { plural } from '../format/count.ts'
import { formatDay } from '../format/time.ts'
import { textOfCode } from './error-text.ts'

type Undoable = Parameters<typeof undoUntil>[0]

/** "Undo until 28 Dec", short enough for a column; undefined where there is nothing to undo. */
export function undoText(detection: Undoable, retentionDays: number, now: Date): string | undefined {
  const until = undoUntil(detection, retentionDays)
  if (until.kind === 'never') return undefined
  // The original was left where it is.
  const isCopy = detection.state === 'quarantined'
  if (until.kind === 'always') return isCopy ? 'A copy is kept' : 'Can be undone'
  if (isPast(until.at, now)) return 'May have run out'
  return `${isCopy ? 'Copy kept' : 'Undo'} until ${formatDay(until.at, now)}`
}

/** The same as a sentence, where there is room: "Can be undone until 28 Dec". */
export function undoSentence(detection: Undoable, retentionDays: number, now: Date): string | undefined {
  const until = undoUntil(detection, retentionDays)
  if (until.kind === 'never') return undefined
  const what = detection.state === 'quarantined' ? 'A copy is kept' : 'Can be undone'
  if (until.kind === 'until' && isPast(until.at, now)) return 'The time to undo it may have run out'
  return until.kind === 'always' ? what : `${what} until ${formatDay(until.at, now)}`
}

/** A device that was away has not told yet whether its copy is gone. */
function isPast(at: string, now: Date): boolean {
  return Date.parse(at) <= now.getTime()
}

/** "for 30 days", after what can be undone. */
export function undoPeriod(retentionDays: number): string {
  return retentionDays >= keptForever ? 'as long as its copy is kept' : `for ${plural(retentionDays, 'day', 'days')}`
}

const undoable: ReadonlySet<Detection['state']> = new Set(['disinfected', 'deleted', 'quarantined'])

/** "Not restored: still detected": the last attempt left everything as it was. */
export function restoreFailureText({ state, reason }: Pick<Detection, 'state' | 'reason'>): string | undefined {
  return undoable.has(state) && reason !== undefined ? `Not restored: ${textOfCode(reason).reason}` : undefined
}
