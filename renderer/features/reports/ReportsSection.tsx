// Reports: everything that happened on this computer and is still kept, to filter and to search. Owns the view; the history is
// the client's, which writes and forgets it.
import { useState } from 'react'
import type { HistoryEvent, HistoryFilter } from '#shared/domain/app-state.ts'
import { SegmentedFilter } from '#shared/ui/SegmentedFilter.tsx'
import { reportFilterName } from '#shared/ui/text/report-text.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { SearchBox } from '../../components/SearchBox.tsx'
import { SectionPage } from '../../components/SectionPage.tsx'
import { useDebounced } from '../../components/use-debounced.ts'
import { usePages } from '../../components/use-pages.ts'
import { useRevision } from '../../state/mirror.ts'
import { ReportList } from './ReportList.tsx'
import './reports.css'

const filters: readonly HistoryFilter[] = ['all', 'critical', 'important', 'information']

/** The section with the list. */
export function ReportsSection() {
  const client = useClient()
  const [filter, setFilter] = useState<HistoryFilter>('all')
  const [typed, setTyped] = useState('')
  const [counts, setCounts] = useState<Readonly<Record<HistoryFilter, number>>>()
  const search = useDebounced(typed.trim(), 120)
  const pages = usePages<HistoryEvent>({
    query: JSON.stringify({ filter, search }),
    revision: useRevision('history'),
    fetch: async (offset, limit) => {
      const page = await client.call('history.list', { filter, search, offset, limit })
      setCounts(page.counts)
      return { total: page.total, rows: page.events }
    },
  })
  return (
    <SectionPage title="Reports">
      <div className="app-toolbar">
        <SegmentedFilter<HistoryFilter>
          label="Show"
          value={filter}
          onChange={setFilter}
          options={filters.map((value) => ({
            value,
            label: reportFilterName(value),
            ...(counts === undefined ? {} : { count: counts[value] }),
          }))}
        />
        <SearchBox value={typed} onChange={setTyped} placeholder="Event, object or account" />
      </div>
      <ReportList
        key={`${filter} ${search}`}
        pages={pages}
        filter={filter}
        search={search}
        all={counts?.all ?? 0}
        onClearSearch={() => setTyped('')}
      />
    </SectionPage>
  )
}
