// The lines of the reports, newest first, and what stands there when there are none. Owns the drawing only.
import { Button } from '@mantine/core'
import type { HistoryEvent, HistoryFilter } from '#shared/domain/app-state.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { reportStatus } from '#shared/ui/text/report-text.ts'
import { PagedRows } from '../../components/PagedRows.tsx'
import type { Pages } from '../../components/use-pages.ts'
import { When } from '../../components/When.tsx'

export interface ReportListProps {
  readonly pages: Pages<HistoryEvent>
  readonly filter: HistoryFilter
  readonly search: string
  /** Lines that fit the search, of every grade. */
  readonly all: number
  readonly onClearSearch: () => void
}

/** Most lines have two rows of text; those that have more are measured when they are drawn. */
const rowHeight = 62

/** Everything under the toolbar. The arrow keys scroll it while it has the focus. */
export function ReportList({ pages, filter, search, all, onClearSearch }: ReportListProps) {
  if (pages.failure !== null && pages.total === null) return <Failure failure={pages.failure} onRetry={pages.retry} />
  if (pages.total === null) {
    return (
      <Group label="Reports">
        <SkeletonRows label="Loading reports" rows={6} />
      </Group>
    )
  }
  const { total } = pages
  if (total === 0) return <NoLines filter={filter} search={search} all={all} onClearSearch={onClearSearch} />
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls what has the focus
    // biome-ignore lint/a11y/useSemanticElements: blocks of space stand between the lines
    <div className="report-list" role="list" aria-label="Reports" tabIndex={0}>
      <PagedRows pages={pages} rowHeight={rowHeight}>
        {(event, index) => <Line key={event.id} event={event} index={index} total={total} />}
      </PagedRows>
    </div>
  )
}

function Line({
  event,
  index,
  total,
}: {
  readonly event: HistoryEvent
  readonly index: number
  readonly total: number
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: blocks of space stand between the lines
    <div role="listitem" aria-setsize={total} aria-posinset={index + 1} className="report-line selectable">
      <Row
        top
        icon={<StatusIcon status={reportStatus(event.grade)} />}
        title={event.title}
        {...(event.detail === '' ? {} : { detail: event.detail })}
        values={<When at={event.at} form="time" capital />}
      />
    </div>
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

function NoLines({ filter, search, all, onClearSearch }: Omit<ReportListProps, 'pages'>) {
  if (search !== '' && all === 0) {
    return (
      <Group label="Reports">
        <EmptyState
          kind="search"
          title={`Nothing matches “${search}”`}
          detail="Other events are hidden by the search."
          action={<Button onClick={onClearSearch}>Clear search</Button>}
        />
      </Group>
    )
  }
  const isHidden = filter !== 'all' && all > 0
  return (
    <Group label="Reports">
      <EmptyState
        kind="plain"
        title={isHidden ? 'Nothing here' : 'No events yet'}
        detail={
          isHidden
            ? `${plural(all, 'event is', 'events are')} in the other views.`
            : 'Scans, detected objects, what was done to them and who asked for it are listed here for 90 days.'
        }
      />
    </Group>
  )
}
