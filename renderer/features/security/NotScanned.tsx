// What was not (wholly) scanned, and why (H7). Never counts as "nothing found".
import { useEffect, useState } from 'react'
import type { NotScannedView } from '#shared/domain/scan.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { notScannedText } from '#shared/ui/text/scan-text.ts'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'

const shownFirst = 5
const pageSize = 200

/** A few, then more on request. */
export function NotScanned() {
  const { running, last, notScanned } = useTopic('scan')
  const scanId = (running ?? last)?.scanId
  const counters = running?.progress.counters ?? last?.counters
  const total = Math.max(counters?.notScanned ?? 0, notScanned.length)
  const [more, setMore] = useState<readonly NotScannedView[]>([])
  const [isOpen, setOpen] = useState(false)
  const client = useClient()
  // biome-ignore lint/correctness/useExhaustiveDependencies: another scan starts with a list of its own
  useEffect(() => {
    setMore([])
    setOpen(false)
  }, [scanId])
  if (notScanned.length === 0) return null
  const loadMore = () => {
    setOpen(true)
    client
      .call('scan.notScanned', { offset: more.length, limit: pageSize })
      .then(({ objects }) => setMore((known) => [...known, ...objects]))
      .catch(tellFailure)
  }
  const entries = !isOpen ? notScanned.slice(0, shownFirst) : more.length === 0 ? notScanned : more
  return (
    <Group title="Not scanned" count={formatCount(total)}>
      {entries.map((entry) => (
        <NotScannedRow key={`${entry.path} › ${entry.member}`} entry={entry} />
      ))}
      {entries.length < total && (
        <div className="home-more">
          <LinkButton onClick={loadMore}>Show more</LinkButton>
        </div>
      )}
    </Group>
  )
}

function NotScannedRow({ entry }: { readonly entry: NotScannedView }) {
  return (
    <div className="not-scanned-row">
      <MiddleCut text={entry.member === '' ? entry.path : `${entry.path} › ${entry.member}`} />
      <span className="t-caption t-3">{notScannedText(entry.reason)}</span>
    </div>
  )
}
