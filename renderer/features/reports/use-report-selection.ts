// What the reports are narrowed down to: grade, component, period, words. Owns the choice; the client selects.
import { useState } from 'react'
import type { HistoryFilter, ReportComponent, ReportSelection } from '#shared/domain/reports.ts'
import type { AppContract } from '#shared/ipc/app-contract.ts'
import type { CallOutput } from '#shared/rpc/contract.ts'
import { useDebounced } from '../../components/use-debounced.ts'
import { useSharedNow } from '../../components/use-shared-now.ts'
import { type Period, periodBounds } from './period.ts'

/** The parts that can be taken away one by one. */
export type Part = 'filter' | 'search' | 'component' | 'period'

export interface Choice {
  readonly filter: HistoryFilter
  /** Null: all of them. */
  readonly component: ReportComponent | null
  readonly period: Period
  /** As it is typed. */
  readonly search: string
}

/** The numbers beside the filters. */
export type ReportNumbers = Omit<CallOutput<AppContract, 'history.list'>, 'events' | 'total'>

export interface ReportChoice {
  readonly choice: Choice
  /** What is asked for; the words follow a little later. */
  readonly selection: ReportSelection
  readonly change: (part: Partial<Choice>) => void
  readonly clear: (...parts: readonly Part[]) => void
}

const everything: Choice = { filter: 'all', component: null, period: { kind: 'all' }, search: '' }

export function useReportSelection(): ReportChoice {
  const [choice, setChoice] = useState(everything)
  const search = useDebounced(choice.search.trim(), 120)
  const bounds = periodBounds(choice.period, useSharedNow())
  const change = (part: Partial<Choice>) => setChoice((before) => ({ ...before, ...part }))
  return {
    choice,
    selection: {
      filter: choice.filter,
      search,
      ...(choice.component === null ? {} : { component: choice.component }),
      ...bounds,
    },
    change,
    clear: (...parts) => change(Object.fromEntries(parts.map((part) => [part, everything[part]]))),
  }
}

/** The parts that narrow something down. */
export function activeParts({ filter, search, component, from, until }: ReportSelection): readonly Part[] {
  return [
    ...(search === '' ? [] : (['search'] as const)),
    ...(filter === 'all' ? [] : (['filter'] as const)),
    ...(component === undefined ? [] : (['component'] as const)),
    ...(from === undefined && until === undefined ? [] : (['period'] as const)),
  ]
}
