// Quarantine: the inert copies, with restore and delete for good. Owns the view; the vault is the engine's.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { keptForever, unlimitedBytes } from '#shared/domain/quarantine-limits.ts'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { SearchBox } from '../../components/SearchBox.tsx'
import { SectionPage } from '../../components/SectionPage.tsx'
import { useDebounced } from '../../components/use-debounced.ts'
import { type Pages, usePages } from '../../components/use-pages.ts'
import { useRevision, useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { deleteAllCopies } from './delete-copies.ts'
import { FalseAlarms } from './FalseAlarms.tsx'
import { QuarantineList } from './QuarantineList.tsx'
import { unreadableText } from './unreadable-text.ts'
import './quarantine.css'

/** The section with the copies. */
export function QuarantineSection() {
  const client = useClient()
  const [typed, setTyped] = useState('')
  const search = useDebounced(typed.trim(), 120)
  const pages = usePages<QuarantineItem>({
    query: search,
    revision: useRevision('quarantine'),
    fetch: async (offset, limit) => {
      const { total, items } = await client.call('quarantine.list', { search, offset, limit })
      return { total, rows: items }
    },
  })
  return (
    <SectionPage title="Quarantine">
      <div className="quarantine-summary">
        <Summary isKnown={pages.failure === null || pages.total !== null} />
        <SearchBox value={typed} onChange={setTyped} placeholder="Name, path or threat" />
        <DeleteAll />
      </div>
      <FalseAlarms />
      <Copies pages={pages} search={search} onClearSearch={() => setTyped('')} />
    </SectionPage>
  )
}

/** Above this share of its room it is worth a word. */
const nearlyFull = 0.9

/** What is kept and for how long; the numbers only while the store can be read. */
function Summary({ isKnown }: { readonly isKnown: boolean }) {
  const { count, bytes, storeBytes, limitBytes } = useTopic('quarantine')
  const { retentionDays } = useTopic('settings').quarantine
  const isLimited = limitBytes < unlimitedBytes
  const isNearlyFull = isKnown && isLimited && storeBytes > limitBytes * nearlyFull
  return (
    <div className="quarantine-facts">
      {isKnown && (
        <p className="t-section tabular">
          {plural(count, 'object', 'objects')}, {formatBytes(isLimited ? storeBytes : bytes)}
          {isLimited && ` of ${formatBytes(limitBytes)}`}
        </p>
      )}
      <p className={isNearlyFull ? 't-yellow' : 't-2'}>
        {isNearlyFull
          ? 'Nearly full: when no copy can be kept, an object is not treated. '
          : `Copies cannot run from here. ${keptText(retentionDays)} `}
        <LinkButton onClick={() => goTo('settings')}>Change</LinkButton>
      </p>
    </div>
  )
}

function keptText(retentionDays: number): string {
  if (retentionDays >= keptForever) return 'They are kept until you delete them.'
  return `They are kept for ${plural(retentionDays, 'day', 'days')}.`
}

function DeleteAll() {
  const client = useClient()
  const { count } = useTopic('quarantine')
  const { busy, run } = useAct()
  const deleteAll = () =>
    run('delete', async () => {
      await deleteAllCopies(client)
    })
  return (
    <Button variant="danger" disabled={count === 0} loading={busy !== null} onClick={deleteAll}>
      Delete all
    </Button>
  )
}

interface CopiesProps {
  readonly pages: Pages<QuarantineItem>
  readonly search: string
  readonly onClearSearch: () => void
}

function Copies({ pages, search, onClearSearch }: CopiesProps) {
  if (pages.failure !== null && pages.total === null) {
    return (
      <Group label="Quarantine">
        <ErrorState title="Quarantine could not be read" detail={unreadableText(pages.failure)} onRetry={pages.retry} />
      </Group>
    )
  }
  if (pages.total === null) {
    return (
      <Group label="Quarantine">
        <SkeletonRows label="Loading Quarantine" rows={6} />
      </Group>
    )
  }
  if (pages.total > 0) return <QuarantineList key={search} pages={pages} search={search} />
  return (
    <Group label="Quarantine">
      {search === '' ? (
        <EmptyState
          kind="good"
          title="Quarantine is empty"
          detail="Before an object is disinfected or deleted, a copy of it is kept here."
        />
      ) : (
        <EmptyState
          kind="search"
          title={`Nothing matches “${search}”`}
          detail="Other copies are hidden by the search."
          action={<Button onClick={onClearSearch}>Clear search</Button>}
        />
      )}
    </Group>
  )
}
