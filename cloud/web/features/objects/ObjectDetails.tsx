// The evidence of one object on the portal: where it is, its hashes, its risk and why, everything that was found in it with its rules, how much
// of it was looked at, and everything that happened to it since. Every text can be selected; nothing in it is a link. Owns the arrangement only.
import type { Detection } from '#shared/domain/detection.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { FindingList } from '#shared/ui/FindingList.tsx'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { capitalise, formatMomentWithTime } from '#shared/ui/format/time.ts'
import { ObjectHistory } from '#shared/ui/ObjectHistory.tsx'
import { adviceText } from '#shared/ui/text/advice-text.ts'
import { riskReason, riskWord } from '#shared/ui/text/alert-text.ts'
import { coverageText } from '#shared/ui/text/scan-text.ts'
import { restoreFailureText, undoSentence } from '#shared/ui/text/undo-text.ts'
import { useNow } from '#shared/ui/use-now.ts'
import { Time } from '../../components/Time.tsx'
import { sessionStore } from '../../state/session.ts'
import { restoreAdvice } from '../commands/undo-acts.ts'
import { retentionOf } from './retention.ts'

interface ObjectDetailsProps {
  readonly card: DeviceCard
  readonly object: Detection
}

/** The opened part of a row. */
export function ObjectDetails({ card, object }: ObjectDetailsProps) {
  const coverage = coverageText(object.coverage)
  const advice = adviceText(object, 'portal')
  const self = sessionStore((state) => state.account?.email)
  const now = useNow()
  const failure = restoreFailureText(object)
  const undo = [undoSentence(object, retentionOf(card), now), failure].filter(Boolean).map((words) => `${words}.`)
  return (
    <dl className="object-facts">
      <dt>Path</dt>
      <dd>{object.path.text}</dd>
      <dt>SHA-256</dt>
      <dd className="mono">{object.sha256}</dd>
      {object.md5 !== undefined && (
        <>
          <dt>MD5</dt>
          <dd className="mono">{object.md5}</dd>
        </>
      )}
      <dt>Risk</dt>
      <dd>
        {riskWord(object.risk)}, {riskReason(object)}
      </dd>
      <dt>Size</dt>
      <dd>{formatBytes(object.sizeBytes)}</dd>
      {coverage !== undefined && (
        <>
          <dt>Coverage</dt>
          <dd>{coverage}</dd>
        </>
      )}
      {object.holder !== undefined && (
        <>
          <dt>Held by</dt>
          <dd>{object.holder}</dd>
        </>
      )}
      {undo.length > 0 && (
        <>
          <dt>Undo</dt>
          <dd>{[...undo, restoreAdvice(object)].filter(Boolean).join(' ')}</dd>
        </>
      )}
      {advice !== undefined && (
        <>
          <dt>What to do</dt>
          <dd>{advice}</dd>
        </>
      )}
      <dt>Found</dt>
      <dd>
        <FindingList detection={object} />
      </dd>
      <dt>History</dt>
      <dd>
        <ObjectHistory
          detection={object}
          self={self}
          time={(at) => <Time at={at} text={capitalise(formatMomentWithTime(at, now))} />}
        />
      </dd>
    </dl>
  )
}
