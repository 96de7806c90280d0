// What was not scanned, or only in part, and why (H7). Never counts as "nothing found".
import { useEffect, useState } from 'react'
import type { ScanTopic } from '#shared/domain/app-state.ts'
import {
  gapReasonsText,
  gapText,
  type LeftOut,
  leftOut,
  leftOutOf,
  leftOutParts,
} from '#shared/domain/left-out-text.ts'
import type { NotScannedView } from '#shared/domain/scan.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { capitalise } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'

const shownFirst = 5
const pageSize = 200

interface Loaded {
  readonly rows: readonly NotScannedView[]
  readonly total: number
  /** There are no more rows to load. */
  readonly isEnd: boolean
}

/** A few, then more on request. What file protection could not look at stands before what a scan left out. */
export function NotScanned() {
  const { running, last, notScanned } = useTopic('scan')
  const scanId = (running ?? last)?.scanId
  const [loaded, setLoaded] = useState<Loaded | null>(null)
  const client = useClient()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scan starts with a list of its own
  useEffect(() => setLoaded(null), [scanId])
  const ofScan = leftOutNow({ running, last })
  const known = Math.max(ofScan.notAtAll + ofScan.inPart, notScanned.length)
  if (known === 0) return null
  const loadMore = () => {
    const before = loaded?.rows ?? []
    client
      .call('scan.notScanned', { offset: before.length, limit: pageSize })
      .then(({ objects, total }) => {
        setLoaded({
          rows: [...before, ...objects],
          total,
          isEnd: running === null && objects.length < pageSize,
        })
      })
      .catch(tellFailure)
  }
  const rows = loaded?.rows ?? notScanned.slice(0, shownFirst)
  const unlisted = (loaded?.total ?? known) - rows.length
  const counts = leftOutParts({ ...ofScan, excluded: 0 }, formatCount).join(', ')
  return (
    <Group
      title="Left out"
      {...(counts === '' ? {} : { count: `${running === null ? 'Last scan' : 'This scan'}: ${counts}` })}
    >
      {rows.map((entry) => (
        <NotScannedRow key={`${entry.by ?? ''} ${entry.path} › ${entry.member} › ${entry.reason}`} entry={entry} />
      ))}
      {rows.length === 0 && running === null && (
        // The list could not be kept, the numbers were.
        <Row
          title="Which ones is not known any more"
          detail={capitalise(gapReasonsText(last?.gapReasons ?? [], formatCount))}
        />
      )}
      {rows.length > 0 && unlisted > 0 && <More left={loaded?.isEnd ? unlisted : null} onMore={loadMore} />}
    </Group>
  )
}

/** `left`: how many cannot be listed any more, when the end of the list is reached. */
function More({ left, onMore }: { readonly left: number | null; readonly onMore: () => void }) {
  return (
    <div className="home-more">
      {left === null ? (
        <LinkButton onClick={onMore}>Show more</LinkButton>
      ) : (
        <span className="t-caption t-3">{formatCount(left)} older ones are not listed any more</span>
      )}
    </div>
  )
}

/** By the scan that runs, else by the last one. */
function leftOutNow({ running, last }: Pick<ScanTopic, 'running' | 'last'>): LeftOut {
  if (running !== null) return leftOut(running.progress.counters, running.partial)
  return last === null ? { notAtAll: 0, inPart: 0, excluded: 0 } : leftOutOf(last)
}

function NotScannedRow({ entry }: { readonly entry: NotScannedView }) {
  return (
    <div className="not-scanned-row">
      <MiddleCut text={entry.member === '' ? entry.path : `${entry.path} › ${entry.member}`} />
      <span className="t-caption t-3">{gapText(entry)}</span>
    </div>
  )
}
