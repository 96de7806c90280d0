// The list of detected objects: head or action bar, rows, and what stands there when there are none.
import { Button } from '@mantine/core'
import { useCallback, useState } from 'react'
import type { Detection } from '#shared/domain/detection.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { plural } from '#shared/ui/format/count.ts'
import { lowerFirst } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { scanName, scanOutcomeText, scanStatus } from '#shared/ui/text/scan-text.ts'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'
import { gridProps } from '../../components/grid-roles.ts'
import { PagedRows } from '../../components/PagedRows.tsx'
import { type Pages, pageSize } from '../../components/use-pages.ts'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import { useSelection } from '../../state/selection.ts'
import { DetectedRow } from './DetectedRow.tsx'
import { type ListQuery, listAll } from './process-all.ts'
import { SelectionBar } from './SelectionBar.tsx'

const rowHeight = 46

export interface DetectedListProps {
  readonly query: ListQuery
  readonly pages: Pages<Detection>
  readonly all: number
  readonly onClearSearch: () => void
}

/** Everything under the toolbar. */
export function DetectedList({ query, pages, all, onClearSearch }: DetectedListProps) {
  const client = useClient()
  const [open, setOpen] = useState<string | null>(null)
  const selection = useSelection<Detection>(async (from, to) => {
    const known = loadedBetween(pages, from, to)
    return known ?? (await listAll(client, query)).slice(from, to + 1)
  })
  const toggle = useCallback((id: string) => setOpen((before) => (before === id ? null : id)), [])
  if (pages.failure !== null && pages.total === null)
    return <ListFailure failure={pages.failure} onRetry={pages.retry} />
  if (pages.total === null)
    return (
      <Group label="Detected objects">
        <SkeletonRows label="Loading detected objects" rows={6} />
      </Group>
    )
  if (pages.total === 0) return <NoObjects query={query} all={all} onClearSearch={onClearSearch} />
  const selectAll = () => {
    listAll(client, query).then(selection.set).catch(tellFailure)
  }
  return (
    <div className="detected" {...gridProps('Detected objects', pages.total, selectAll, selection.clear)}>
      <SelectionBar
        selected={[...selection.selected.values()]}
        total={pages.total}
        onAll={selectAll}
        onClear={selection.clear}
      />
      <PagedRows pages={pages} rowHeight={rowHeight}>
        {(detection, index) => (
          <DetectedRow
            key={detection.id}
            detection={detection}
            index={index}
            isSelected={selection.selected.has(detection.id)}
            isOpen={open === detection.id}
            onSelect={selection.choose}
            onToggle={toggle}
          />
        )}
      </PagedRows>
    </div>
  )
}

/** Undefined when a page in between is not loaded. */
function loadedBetween(pages: Pages<Detection>, from: number, to: number): readonly Detection[] | undefined {
  const rows: Detection[] = []
  for (let index = from; index <= to; index += 1) {
    const row = pages.page(Math.floor(index / pageSize))?.[index % pageSize]
    if (row === undefined) return undefined
    rows.push(row)
  }
  return rows
}

function ListFailure({ failure, onRetry }: { readonly failure: unknown; readonly onRetry: () => void }) {
  const { title, todo } = errorText(failure)
  return (
    <Group label="Detected objects">
      <ErrorState
        title="The list could not be read"
        detail={`${title}. ${todo} What was treated stays treated.`}
        onRetry={onRetry}
      />
    </Group>
  )
}

function NoObjects({ query, all, onClearSearch }: Pick<DetectedListProps, 'query' | 'all' | 'onClearSearch'>) {
  const { last } = useTopic('scan')
  if (query.search !== '') {
    return (
      <Group label="Detected objects">
        <EmptyState
          kind="search"
          title={`Nothing matches “${query.search}”`}
          detail={`${plural(all, 'object is', 'objects are')} hidden by the search.`}
          action={<Button onClick={onClearSearch}>Clear search</Button>}
        />
      </Group>
    )
  }
  const hasOthers = all > 0
  // The picture of "all is well" only where nothing is left to do and the last scan looked at everything.
  const isWell = query.filter !== 'treated' && last !== null && scanStatus(last) === 'good'
  return (
    <Group label="Detected objects">
      <EmptyState
        kind={isWell ? 'good' : 'plain'}
        title={hasOthers ? 'Nothing here' : 'No detected objects'}
        detail={
          hasOthers ? (
            `${plural(all, 'object is', 'objects are')} in the other views.`
          ) : last === null ? (
            'Objects that a scan detects are listed here, one by one.'
          ) : (
            <>
              {scanName(last.type)}, <When at={last.finishedAt} />: {lowerFirst(scanOutcomeText(last))}.
            </>
          )
        }
      />
    </Group>
  )
}
