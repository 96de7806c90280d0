// The icons and names of the grades in which the history tells something. Owns the table only.
import type { HistoryEvent, HistoryFilter } from '#shared/domain/app-state.ts'
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

const filterNames: Record<HistoryFilter, string> = {
  all: 'All',
  critical: 'Critical',
  important: 'Important',
  information: 'Informational',
}

/** What a view of the history shows. */
export function reportFilterName(filter: HistoryFilter): string {
  return filterNames[filter]
}
