// The icons and names of the grades in which the history tells something. Owns the table only.
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { gradeName } from '#shared/domain/report-text.ts'
import type { HistoryFilter } from '#shared/domain/reports.ts'
import type { StatusKind } from '../StatusIcon.tsx'

const statuses: Record<HistoryEvent['grade'], StatusKind> = {
  critical: 'danger',
  important: 'attention',
  information: 'info',
  good: 'good',
}

/** The icon of a line of the history. */
export function reportStatus(grade: HistoryEvent['grade']): StatusKind {
  return statuses[grade]
}

/** What a view of the history shows. */
export function reportFilterName(filter: HistoryFilter): string {
  return filter === 'all' ? 'All' : gradeName(filter)
}
