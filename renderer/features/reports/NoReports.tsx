// What stands in Reports when nothing is shown: nothing is kept yet, or filters hide it; which of them hides what, and how to take
// it away. Owns the words.
import { Button } from '@mantine/core'
import type { HiddenReports, ReportSelection } from '#shared/domain/reports.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { activeParts, type Part } from './use-report-selection.ts'

export interface NoReportsProps {
  readonly selection: ReportSelection
  /** Of all events. */
  readonly kept: number
  readonly hidden: HiddenReports
  readonly onClear: (...parts: readonly Part[]) => void
}

interface PartWords {
  readonly hides: (count: number) => string
  readonly clear: string
}

const words: Record<Part, PartWords> = {
  search: {
    hides: (count) => `${plural(count, 'event does', 'events do')} not match the search.`,
    clear: 'Clear search',
  },
  filter: { hides: (count) => `${plural(count, 'event is', 'events are')} of other grades.`, clear: 'Show all grades' },
  component: {
    hides: (count) => `${plural(count, 'event belongs', 'events belong')} to other components.`,
    clear: 'Show all components',
  },
  period: {
    hides: (count) => `${plural(count, 'event is', 'events are')} from other days.`,
    clear: 'Show all days',
  },
}

/** A part is offered when something is shown as soon as it alone is taken away. */
export function NoReports({ selection, kept, hidden, onClear }: NoReportsProps) {
  const active = activeParts(selection)
  if (kept === 0 || active.length === 0) return <NothingKept />
  const { search } = selection
  const helpful = active.filter((part) => hidden[part] > 0)
  const detail =
    helpful.length > 0
      ? helpful.map((part) => words[part].hides(hidden[part])).join(' ')
      : `${plural(kept, 'event is', 'events are')} hidden by ${active.length === 1 ? 'this filter' : 'these filters together'}.`
  return (
    <Group label="Reports">
      <EmptyState
        kind="search"
        title={search === '' ? 'No event fits these filters' : `Nothing matches “${search}”`}
        detail={detail}
        action={
          <>
            {helpful.map((part) => (
              <Button key={part} onClick={() => onClear(part)}>
                {words[part].clear}
              </Button>
            ))}
            {(active.length > 1 || helpful.length === 0) && (
              <Button onClick={() => onClear(...active)}>Clear all filters</Button>
            )}
          </>
        }
      />
    </Group>
  )
}

function NothingKept() {
  return (
    <Group label="Reports">
      <EmptyState
        kind="plain"
        title="No events yet"
        detail="Scans, detected objects, what was done to them and who asked for it are listed here for 90 days."
      />
    </Group>
  )
}
