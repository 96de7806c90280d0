// Detected objects: every object separately (F3), to filter, search, select and act on. Owns the view; the ledger is the client's.
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { Detection } from '#shared/domain/detection.ts'
import { SegmentedFilter } from '#shared/ui/SegmentedFilter.tsx'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { SearchBox } from '../../components/SearchBox.tsx'
import { SectionPage } from '../../components/SectionPage.tsx'
import { useDebounced } from '../../components/use-debounced.ts'
import { usePages } from '../../components/use-pages.ts'
import { useRevision, useTopic } from '../../state/mirror.ts'
import { DetectedList } from './DetectedList.tsx'
import { type ListQuery, processAll } from './process-all.ts'
import './detections.css'

type Filter = ListQuery['filter']
interface Counts {
  readonly toReview: number
  readonly atRestart: number
  readonly treated: number
  readonly all: number
}

/** The section with the list. */
export function DetectedSection() {
  const client = useClient()
  const { total, unprocessed, atRestart } = useTopic('detections')
  const [filter, setFilter] = useState<Filter>('all')
  const [search, setSearch] = useState('')
  const [counts, setCounts] = useState<Counts>()
  const query: ListQuery = { filter, search: useDebounced(search.trim(), 120) }
  const pages = usePages<Detection>({
    query: JSON.stringify(query),
    revision: useRevision('detections'),
    fetch: async (offset, limit) => {
      const page = await client.call('detections.list', { ...query, offset, limit })
      setCounts(page.counts)
      return { total: page.total, rows: page.objects }
    },
  })
  const shown = counts ?? {
    all: total,
    toReview: unprocessed,
    atRestart,
    treated: Math.max(0, total - unprocessed - atRestart),
  }
  return (
    <SectionPage title="Detected objects">
      <div className="app-toolbar">
        <SegmentedFilter<Filter>
          label="Show"
          value={filter}
          onChange={setFilter}
          options={[
            { value: 'all', label: 'All', count: shown.all },
            { value: 'to-review', label: 'To review', count: shown.toReview },
            { value: 'at-restart', label: 'At restart', count: shown.atRestart },
            { value: 'treated', label: 'Treated', count: shown.treated },
          ]}
        />
        <SearchBox value={search} onChange={setSearch} placeholder="Name, path, threat or hash" />
        <ProcessAll />
      </div>
      <DetectedList key={filter} query={query} pages={pages} onClearSearch={() => setSearch('')} all={shown.all} />
    </SectionPage>
  )
}

function ProcessAll() {
  const client = useClient()
  const { unprocessed } = useTopic('detections')
  const { busy, run } = useAct()
  return (
    <Button
      className="app-toolbar-end"
      variant={unprocessed > 0 ? 'filled' : 'default'}
      disabled={unprocessed === 0}
      loading={busy !== null}
      onClick={() => run('process', () => processAll(client))}
    >
      Process all
    </Button>
  )
}
