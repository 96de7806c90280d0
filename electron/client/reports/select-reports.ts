// Which events of the history are selected, and the numbers beside every part of the selection: each counts what the other parts
// leave. Pure.
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import {
  type HiddenReports,
  type HistoryFilter,
  ReportComponent,
  type ReportSelection,
} from '#shared/domain/reports.ts'

export interface SelectedReports {
  /** In the order that was given. */
  readonly shown: HistoryEvent[]
  readonly counts: Record<HistoryFilter, number>
  readonly components: Record<ReportComponent, number>
  readonly hidden: HiddenReports
}

const filterOf: Record<HistoryEvent['grade'], Exclude<HistoryFilter, 'all'>> = {
  critical: 'critical',
  important: 'important',
  information: 'information',
  good: 'information',
}

/** Looks at every event once. */
export function selectReports(events: readonly HistoryEvent[], selection: ReportSelection): SelectedReports {
  const shown: HistoryEvent[] = []
  const counts = { all: 0, critical: 0, important: 0, information: 0 }
  const components = noComponents()
  const hidden = { filter: 0, search: 0, component: 0, period: 0 }
  const fits = fitting(selection)
  for (const event of events) {
    const misses = fits(event)
    if (misses.length === 0) shown.push(event)
    const [only] = misses
    if (only !== undefined && misses.length === 1) hidden[only] += 1
    if (misses.every((part) => part === 'filter')) {
      counts.all += 1
      counts[filterOf[event.grade]] += 1
    }
    if (misses.every((part) => part === 'component')) components[event.component] += 1
  }
  return { shown, counts, components, hidden }
}

type Part = keyof HiddenReports

/** The parts of a selection that an event does not fit. */
function fitting({ filter, search, component, from, until }: ReportSelection): (event: HistoryEvent) => Part[] {
  const wanted = search.trim().toLowerCase()
  const since = from === undefined ? Number.NEGATIVE_INFINITY : Date.parse(from)
  const before = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until)
  return ({ at, grade, title, detail, component: own }) => {
    const time = Date.parse(at)
    const misses: Part[] = []
    if (filter !== 'all' && filterOf[grade] !== filter) misses.push('filter')
    if (wanted !== '' && !`${title}\n${detail}`.toLowerCase().includes(wanted)) misses.push('search')
    if (component !== undefined && own !== component) misses.push('component')
    if (time < since || time >= before) misses.push('period')
    return misses
  }
}

function noComponents(): Record<ReportComponent, number> {
  return Object.fromEntries(ReportComponent.options.map((name) => [name, 0])) as Record<ReportComponent, number>
}
