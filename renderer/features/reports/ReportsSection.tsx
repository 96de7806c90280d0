// Reports: everything that happened on this computer and is still kept, to filter, to search, to open and to save. Owns the view;
// the history is the client's, which writes and forgets it.
import { useRef, useState } from 'react'
import { flushSync } from 'react-dom'
import type { HistoryEvent } from '#shared/domain/app-state.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { SectionPage } from '../../components/SectionPage.tsx'
import { usePages } from '../../components/use-pages.ts'
import { useRevision } from '../../state/mirror.ts'
import { ReportList } from './ReportList.tsx'
import { ReportToolbar } from './ReportToolbar.tsx'
import { type Part, type ReportNumbers, useReportSelection } from './use-report-selection.ts'
import './reports.css'

/** The section with the list. */
export function ReportsSection() {
  const client = useClient()
  const { choice, selection, change, clear } = useReportSelection()
  const [numbers, setNumbers] = useState<ReportNumbers>()
  const toolbar = useRef<HTMLDivElement>(null)
  // The button that was pressed is gone with what it stood in: the keyboard goes on at the filters.
  const clearParts = (...parts: readonly Part[]) => {
    flushSync(() => clear(...parts))
    toolbar.current?.querySelector<HTMLInputElement>('input:checked')?.focus()
  }
  const query = JSON.stringify(selection)
  const latest = useRef(query)
  latest.current = query
  const pages = usePages<HistoryEvent>({
    query,
    revision: useRevision('history'),
    fetch: async (offset, limit) => {
      const { events, total, ...rest } = await client.call('history.list', { ...selection, offset, limit })
      if (latest.current === query) setNumbers(rest)
      return { total, rows: events }
    },
  })
  return (
    <SectionPage title="Reports">
      <ReportToolbar
        ref={toolbar}
        choice={choice}
        selection={selection}
        numbers={numbers}
        canSave={(pages.total ?? 0) > 0}
        onChange={change}
      />
      <ReportList key={query} pages={pages} selection={selection} numbers={numbers} onClear={clearParts} />
    </SectionPage>
  )
}
