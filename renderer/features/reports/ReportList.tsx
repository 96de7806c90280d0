// The lines of the reports, newest first; a scan that ended can be opened. Owns the drawing, and which lines are open.
import { useState } from 'react'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { componentName } from '#shared/domain/report-text.ts'
import type { ReportSelection } from '#shared/domain/reports.ts'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { formatMomentWithTime } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { OpenChevron } from '#shared/ui/OpenChevron.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { reportStatus } from '#shared/ui/text/report-text.ts'
import { PagedRows } from '../../components/PagedRows.tsx'
import type { Pages } from '../../components/use-pages.ts'
import { useSharedNow } from '../../components/use-shared-now.ts'
import { When } from '../../components/When.tsx'
import { NoReports } from './NoReports.tsx'
import { ScanReport } from './ScanReport.tsx'
import type { Part, ReportNumbers } from './use-report-selection.ts'

export interface ReportListProps {
  readonly pages: Pages<HistoryEvent>
  readonly selection: ReportSelection
  /** Undefined: not known yet. */
  readonly numbers: ReportNumbers | undefined
  readonly onClear: (...parts: readonly Part[]) => void
}

/** Most lines have two rows of text; those that have more are measured when they are drawn. */
const rowHeight = 62
const noneHidden = { filter: 0, search: 0, component: 0, period: 0 }

/** Everything under the toolbar. The arrow keys scroll it while it has the focus. */
export function ReportList({ pages, selection, numbers, onClear }: ReportListProps) {
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const toggle = (id: string) =>
    setOpen((before) => new Set(before.has(id) ? [...before].filter((one) => one !== id) : [...before, id]))
  if (pages.failure !== null && pages.total === null) return <Failure failure={pages.failure} onRetry={pages.retry} />
  if (pages.total === null) {
    return (
      <Group label="Reports">
        <SkeletonRows label="Loading reports" rows={6} />
      </Group>
    )
  }
  const { total } = pages
  if (total === 0) {
    const { kept = 0, hidden = noneHidden } = numbers ?? {}
    return <NoReports selection={selection} kept={kept} hidden={hidden} onClear={onClear} />
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls what has the focus
    // biome-ignore lint/a11y/useSemanticElements: blocks of space stand between the lines
    <div className="report-list" role="list" aria-label="Reports" tabIndex={0}>
      <PagedRows pages={pages} rowHeight={rowHeight}>
        {(event, index) => (
          <Line
            key={event.id}
            event={event}
            index={index}
            total={total}
            isOpen={open.has(event.id)}
            onToggle={() => toggle(event.id)}
          />
        )}
      </PagedRows>
    </div>
  )
}

interface LineProps {
  readonly event: HistoryEvent
  readonly index: number
  readonly total: number
  readonly isOpen: boolean
  readonly onToggle: () => void
}

function Line({ event, index, total, isOpen, onToggle }: LineProps) {
  const canOpen = event.endOfScan === true
  return (
    // biome-ignore lint/a11y/useSemanticElements: blocks of space stand between the lines
    <div role="listitem" aria-setsize={total} aria-posinset={index + 1} className="report-line selectable">
      <Row
        top
        icon={<StatusIcon status={reportStatus(event.grade)} />}
        title={event.title}
        {...(event.detail === '' ? {} : { detail: event.detail })}
        values={
          <span className="report-values">
            <When at={event.at} form="time" capital />
            <span>{componentName(event.component)}</span>
          </span>
        }
        actions={
          canOpen ? <Opener event={event} isOpen={isOpen} onToggle={onToggle} /> : <span className="report-no-opener" />
        }
      />
      {canOpen && isOpen && <ScanReport id={event.id} />}
    </div>
  )
}

function Opener({ event, isOpen, onToggle }: Pick<LineProps, 'event' | 'isOpen' | 'onToggle'>) {
  const now = useSharedNow()
  const what = `${event.title}, ${formatMomentWithTime(event.at, now)}`
  return (
    <button
      type="button"
      className="ui-icon-button row-icon-button report-opener"
      aria-label={`${isOpen ? 'Hide' : 'Show'} details of ${what}`}
      aria-expanded={isOpen}
      onClick={onToggle}
    >
      <OpenChevron />
    </button>
  )
}

function Failure({ failure, onRetry }: { readonly failure: unknown; readonly onRetry: () => void }) {
  const { title, todo } = errorText(failure)
  return (
    <Group label="Reports">
      <ErrorState title="The reports could not be read" detail={`${title}. ${todo}`} onRetry={onRetry} />
    </Group>
  )
}
