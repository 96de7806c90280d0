// Detected objects of a device: a list of up to 10 (screen 15) or a group (screen 16), and what was treated.
// Owns the chosen view and the notice when the one turns into the other; the portal decides which it is.
import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { Group } from '#shared/ui/Group.tsx'
import { SegmentedFilter } from '#shared/ui/SegmentedFilter.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { scanStatus } from '#shared/ui/text/scan-text.ts'
import { undoPeriod } from '#shared/ui/text/undo-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import type { ObjectsView } from '../../bridge/devices.ts'
import { BusyButton } from '../../components/BusyButton.tsx'
import { lastScanSentence } from '../devices/card-text.ts'
import { EarlierResults } from './EarlierResults.tsx'
import { ObjectGroup } from './ObjectGroup.tsx'
import { ObjectTable } from './ObjectTable.tsx'
import { processableIds, processListed } from './process-all.ts'
import { retentionOf } from './retention.ts'
import { type ObjectsAnswer, useObjects } from './use-objects.ts'

export interface ObjectsTabProps {
  readonly card: DeviceCard
  readonly commands: readonly CommandRecord[]
  readonly now: Date
}

const pageSize = 50
const mostShown = 200

/** To review, Treated, All. */
export function ObjectsTab({ card, commands, now }: ObjectsTabProps) {
  const [view, setView] = useState<ObjectsView>('to-review')
  const [limit, setLimit] = useState(pageSize)
  const { answer, failure, reload } = useObjects(card.id, view, limit)
  useKindNotice(view, answer)
  const counts = useLastCounts(answer)
  const options = [
    { value: 'to-review', label: 'To review', count: counts?.toReview ?? card.state?.unprocessedCount ?? 0 },
    { value: 'treated', label: 'Treated', ...(counts === undefined ? {} : { count: counts.treated }) },
    { value: 'all', label: 'All', ...(counts === undefined ? {} : { count: counts.all }) },
  ] as const
  const page = answer?.page
  const canProcess = view === 'to-review' && page?.kind === 'list' && processableIds(page.objects).length > 0
  return (
    <>
      <div className="toolbar">
        <SegmentedFilter label="Detected objects" options={options} value={view} onChange={setView} />
        {canProcess && (
          <BusyButton variant="filled" onRun={() => processListed(card, page.objects)}>
            Process all
          </BusyButton>
        )}
      </div>
      {answer === undefined && failure === undefined && (
        <Group label="Detected objects">
          <SkeletonRows label="Loading detected objects" />
        </Group>
      )}
      {answer === undefined && failure !== undefined && <ObjectsFailed failure={failure} onRetry={reload} />}
      {answer !== undefined && <ObjectsContent card={card} commands={commands} now={now} view={view} answer={answer} />}
      {page?.kind === 'list' && page.total > page.objects.length && limit < mostShown && (
        <div className="more">
          <Button onClick={() => setLimit(mostShown)}>Show more</Button>
        </div>
      )}
    </>
  )
}

interface ObjectsContentProps extends ObjectsTabProps {
  readonly view: ObjectsView
  readonly answer: ObjectsAnswer
}

function ObjectsContent({ card, commands, now, view, answer }: ObjectsContentProps) {
  const { page, counts } = answer
  if (page.kind === 'group')
    return <ObjectGroup card={card} commands={commands} now={now} group={page} atRestart={counts.atRestart} />
  const earlier = view === 'to-review' && <EarlierResults commands={commands} now={now} />
  if (page.objects.length === 0) {
    return (
      <>
        <NoObjects card={card} now={now} view={view} />
        {earlier}
      </>
    )
  }
  return (
    <>
      <ObjectTable card={card} commands={commands} now={now} objects={page.objects} />
      <p className="t-caption t-3 table-note">
        A copy goes to Quarantine before every action, so each one can be undone {undoPeriod(retentionOf(card))}.
      </p>
      {earlier}
    </>
  )
}

function NoObjects({ card, now, view }: { readonly card: DeviceCard; readonly now: Date; readonly view: ObjectsView }) {
  const scan = card.state?.lastScan
  const lastScan = scan == null ? 'This device has not been scanned yet.' : `${lastScanSentence(card, now)}.`
  // The picture of "all is well" only where the last scan looked at everything.
  const isWell = scan != null && scanStatus(scan) === 'good'
  return (
    <Group label="Detected objects">
      {view === 'treated' ? (
        <EmptyState
          kind="plain"
          title="Nothing treated yet"
          detail="What is disinfected, deleted or restored is listed here."
        />
      ) : (
        <EmptyState kind={isWell ? 'good' : 'plain'} title="No detected objects" detail={lastScan} />
      )}
    </Group>
  )
}

function ObjectsFailed({ failure, onRetry }: { readonly failure: unknown; readonly onRetry: () => void }) {
  const { title, todo } = errorText(failure)
  return (
    <Group label="Detected objects">
      <ErrorState
        title={`Detected objects could not be loaded: ${title.toLowerCase()}`}
        detail={todo}
        onRetry={onRetry}
      />
    </Group>
  )
}

// The counts stay on screen while another view loads.
function useLastCounts(answer: ObjectsAnswer | undefined): ObjectsAnswer['counts'] | undefined {
  const [last, setLast] = useState<ObjectsAnswer['counts']>()
  useEffect(() => {
    if (answer !== undefined) setLast(answer.counts)
  }, [answer])
  return answer?.counts ?? last
}

function useKindNotice(view: ObjectsView, answer: ObjectsAnswer | undefined): void {
  const before = useRef<'list' | 'group'>(undefined)
  const kind = view === 'to-review' ? answer?.page.kind : undefined
  useEffect(() => {
    if (kind === undefined) return
    if (before.current === 'list' && kind === 'group') {
      showToast({
        kind: 'info',
        title: 'More than 10 objects now',
        detail: 'Here they can be processed only together.',
      })
    }
    if (before.current === 'group' && kind === 'list') {
      showToast({ kind: 'info', title: '10 or fewer objects are left', detail: 'They are listed one by one again.' })
    }
    before.current = kind
  }, [kind])
}
