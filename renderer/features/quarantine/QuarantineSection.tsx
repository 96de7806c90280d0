// Quarantine: the inert copies, with restore and delete for good. Owns the view; the vault is the engine's.
import { Button } from '@mantine/core'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { SectionPage } from '../../components/SectionPage.tsx'
import { type Pages, usePages } from '../../components/use-pages.ts'
import { useRevision, useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { deleteCopies, listCopies } from './delete-copies.ts'
import { QuarantineList } from './QuarantineList.tsx'
import './quarantine.css'

/** The section with the copies. */
export function QuarantineSection() {
  const client = useClient()
  const pages = usePages<QuarantineItem>({
    query: 'all',
    revision: useRevision('quarantine'),
    fetch: async (offset, limit) => {
      const { total, items } = await client.call('quarantine.list', { offset, limit })
      return { total, rows: items }
    },
  })
  return (
    <SectionPage title="Quarantine">
      <Summary />
      <Copies pages={pages} />
    </SectionPage>
  )
}

function Summary() {
  const client = useClient()
  const { count, bytes } = useTopic('quarantine')
  const { retentionDays } = useTopic('settings').quarantine
  const { busy, run } = useAct()
  const deleteAll = () =>
    run('delete', async () => {
      const all = await listCopies(client)
      await deleteCopies(
        client,
        all.map((item) => item.id),
      )
    })
  return (
    <div className="quarantine-summary">
      <div>
        <p className="t-section tabular">
          {plural(count, 'object', 'objects')}, {formatBytes(bytes)}
        </p>
        <p className="t-2">
          Copies cannot run from here. They are kept for {plural(retentionDays, 'day', 'days')}.{' '}
          <LinkButton onClick={() => goTo('settings')}>Change</LinkButton>
        </p>
      </div>
      <Button variant="danger" disabled={count === 0} loading={busy !== null} onClick={deleteAll}>
        Delete all
      </Button>
    </div>
  )
}

function Copies({ pages }: { readonly pages: Pages<QuarantineItem> }) {
  if (pages.failure !== null && pages.total === null) {
    const { title, todo } = errorText(pages.failure)
    return (
      <Group label="Quarantine">
        <ErrorState
          title="Quarantine could not be read"
          detail={`${title}. ${todo} Objects already in it are safe.`}
          onRetry={pages.retry}
        />
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
  if (pages.total > 0) return <QuarantineList pages={pages} />
  return (
    <Group label="Quarantine">
      <EmptyState
        kind="good"
        title="Quarantine is empty"
        detail="Before an object is disinfected or deleted, a copy of it is kept here."
      />
    </Group>
  )
}
