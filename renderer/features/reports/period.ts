// Periods of the reports, in whole days of this computer. Pure; the caller says what now is.
import type { ReportSelection } from '#shared/domain/reports.ts'

/** The last day of a span is today. `own`: days as `2026-03-01`; empty: no bound. */
export type Period =
  | { readonly kind: 'all' | 'today' | 'week' | 'month' }
  | { readonly kind: 'own'; readonly first: string; readonly last: string }

export type PeriodKind = Period['kind']

export const periodNames: Readonly<Record<PeriodKind, string>> = {
  all: 'All days',
  today: 'Today',
  week: 'Last 7 days',
  month: 'Last 30 days',
  own: 'Chosen days',
}

const spans = { today: 1, week: 7, month: 30 } as const

/** What is asked for; a day without bound leaves its part out. */
export function periodBounds(period: Period, now: Date): Pick<ReportSelection, 'from' | 'until'> {
  switch (period.kind) {
    case 'all':
      return {}
    case 'today':
    case 'week':
    case 'month': {
      const from = new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1 - spans[period.kind])
      return { from: from.toISOString() }
    }
    case 'own': {
      const first = startOf(period.first, 0)
      const end = startOf(period.last, 1)
      return { ...(first === undefined ? {} : { from: first }), ...(end === undefined ? {} : { until: end }) }
    }
  }
}

/** The days that are shown now, to begin with when days of one's own are chosen. */
export function ownDays(period: Period, now: Date): Extract<Period, { kind: 'own' }> {
  if (period.kind === 'own') return period
  const { from } = periodBounds(period, now)
  return { kind: 'own', first: from === undefined ? '' : dayOf(new Date(from)), last: dayOf(now) }
}

/** One end was moved: the other one goes along rather than to lie on its wrong side. */
export function withDay(
  { first, last }: Extract<Period, { kind: 'own' }>,
  end: 'first' | 'last',
  day: string,
): Extract<Period, { kind: 'own' }> {
  const isBeyond = day !== '' && (end === 'first' ? last !== '' && day > last : first !== '' && day < first)
  const moved = isBeyond ? { first: day, last: day } : { first, last, [end]: day }
  return { kind: 'own', ...moved }
}

/** "2026-03-01", as date fields have it. */
export function dayOf(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0')
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Midnight of a day, `later` days after it; undefined: no such day. */
function startOf(day: string, later: number): string | undefined {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)
  if (parts === null) return undefined
  const date = new Date(Number(parts[1]), Number(parts[2]) - 1, Number(parts[3]) + later)
  return date.toISOString()
}
