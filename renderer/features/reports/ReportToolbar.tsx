// What narrows the reports down, and the button that saves what is left. Owns the controls; the choice is the section's.
import { Select, TextInput } from '@mantine/core'
import type { Ref } from 'react'
import { componentName } from '#shared/domain/report-text.ts'
import { type HistoryFilter, ReportComponent, type ReportSelection } from '#shared/domain/reports.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { SegmentedFilter } from '#shared/ui/SegmentedFilter.tsx'
import { reportFilterName } from '#shared/ui/text/report-text.ts'
import { SearchBox } from '../../components/SearchBox.tsx'
import { dayOf, ownDays, type Period, type PeriodKind, periodNames, withDay } from './period.ts'
import { SaveReport } from './SaveReport.tsx'
import type { Choice, ReportNumbers } from './use-report-selection.ts'

export interface ReportToolbarProps {
  readonly ref: Ref<HTMLDivElement>
  readonly choice: Choice
  readonly selection: ReportSelection
  /** Undefined: not known yet. */
  readonly numbers: ReportNumbers | undefined
  readonly canSave: boolean
  readonly onChange: (part: Partial<Choice>) => void
}

const filters: readonly HistoryFilter[] = ['all', 'critical', 'important', 'information']

/** Two lines: which and what, then when and of what. */
export function ReportToolbar({ ref, choice, selection, numbers, canSave, onChange }: ReportToolbarProps) {
  const { filter, search, period, component } = choice
  return (
    <div className="report-toolbar" ref={ref}>
      <div className="app-toolbar">
        <SegmentedFilter<HistoryFilter>
          label="Show"
          value={filter}
          onChange={(chosen) => onChange({ filter: chosen })}
          options={filters.map((value) => ({
            value,
            label: reportFilterName(value),
            ...(numbers === undefined ? {} : { count: numbers.counts[value] }),
          }))}
        />
        <SearchBox
          value={search}
          onChange={(typed) => onChange({ search: typed })}
          placeholder="Event, object or account"
        />
        <SaveReport selection={selection} disabled={!canSave} />
      </div>
      <div className="app-toolbar">
        <PeriodChoice period={period} onChange={(chosen) => onChange({ period: chosen })} />
        <ComponentChoice
          component={component}
          counts={numbers?.components}
          onChange={(chosen) => onChange({ component: chosen })}
        />
        {period.kind === 'own' && <OwnDays period={period} onChange={(chosen) => onChange({ period: chosen })} />}
      </div>
    </div>
  )
}

const periodKinds = Object.keys(periodNames) as PeriodKind[]

interface PeriodChoiceProps {
  readonly period: Period
  readonly onChange: (period: Period) => void
}

function PeriodChoice({ period, onChange }: PeriodChoiceProps) {
  const choose = (kind: PeriodKind) => onChange(kind === 'own' ? ownDays(period, new Date()) : { kind })
  return (
    <Select
      className="report-period"
      size="sm"
      aria-label="Period"
      allowDeselect={false}
      data={periodKinds.map((kind) => ({ value: kind, label: periodNames[kind] }))}
      value={period.kind}
      onChange={(chosen) => {
        if (chosen !== null) choose(chosen as PeriodKind)
      }}
    />
  )
}

interface OwnDaysProps {
  readonly period: Extract<Period, { kind: 'own' }>
  readonly onChange: (period: Period) => void
}

/** Both days belong to the period; an empty one is no bound. */
function OwnDays({ period, onChange }: OwnDaysProps) {
  const field = (end: 'first' | 'last', label: string) => (
    <TextInput
      className="report-day"
      type="date"
      size="sm"
      aria-label={label}
      max={dayOf(new Date())}
      value={period[end]}
      onChange={(event) => onChange(withDay(period, end, event.currentTarget.value))}
    />
  )
  return (
    <div className="report-days">
      {field('first', 'First day')}
      <span className="t-3" aria-hidden>
        to
      </span>
      {field('last', 'Last day')}
    </div>
  )
}

interface ComponentChoiceProps {
  readonly component: ReportComponent | null
  readonly counts: ReportNumbers['components'] | undefined
  readonly onChange: (component: ReportComponent | null) => void
}

const all = 'all'

/** Those without an event stay visible, disabled. */
function ComponentChoice({ component, counts, onChange }: ComponentChoiceProps) {
  const options = ReportComponent.options.map((name) => ({
    value: name as string,
    label: componentName(name),
    disabled: counts?.[name] === 0 && name !== component,
  }))
  return (
    <Select
      className="report-component"
      size="sm"
      aria-label="Component"
      allowDeselect={false}
      withScrollArea={false}
      data={[{ value: all, label: 'All components' }, ...options]}
      value={component ?? all}
      onChange={(chosen) => onChange(chosen === null || chosen === all ? null : (chosen as ReportComponent))}
      renderOption={({ option }) => {
        const count = option.value === all ? undefined : counts?.[option.value as ReportComponent]
        return (
          <span className="report-option">
            <span>{option.label}</span>
            {count !== undefined && <span className="t-3 tabular">{formatCount(count)}</span>}
          </span>
        )
      }}
    />
  )
}
