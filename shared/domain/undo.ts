// Until when what was done to an object can be undone: as long as its copy is kept. Pure; the same in the app and on the portal.
import { actionsFor, type Detection, hasUsableCopy } from './detection.ts'
import { keptForever } from './quarantine-limits.ts'

export type UndoUntil =
  | { readonly kind: 'until'; readonly at: string }
  | { readonly kind: 'always' }
  | { readonly kind: 'never' }

const dayMs = 86_400_000

/** `never`: there is nothing that could be undone. Copies younger than the retention time are never removed to make room. */
export function undoUntil(
  detection: Pick<Detection, 'state' | 'quarantineId' | 'copyCondition' | 'copiedAt' | 'changedAt'>,
  retentionDays: number,
): UndoUntil {
  if (!hasCopy(detection)) return { kind: 'never' }
  if (retentionDays >= keptForever) return { kind: 'always' }
  const since = Date.parse(detection.copiedAt ?? detection.changedAt)
  return { kind: 'until', at: new Date(since + retentionDays * dayMs).toISOString() }
}

/** Of what was only copied, the copy itself is what can be got back. */
function hasCopy(detection: Pick<Detection, 'state' | 'quarantineId' | 'copyCondition'>): boolean {
  if (detection.state === 'quarantined') return hasUsableCopy(detection)
  return actionsFor(detection).includes('restore')
}
