// What is known of a scan that ended: what it was, what it found with the state of each object now, what it left out and why. What is
// not known any more is said so. Owns the arrangement.
import type { ReactNode } from 'react'
import { useState } from 'react'
import type { Detection } from '#shared/domain/detection.ts'
import { excludedText, gapReasonText, gapText, leftOutParts } from '#shared/domain/left-out-text.ts'
import type { ScanDetails } from '#shared/domain/reports.ts'
import type { FinishedScan, NotScannedView } from '#shared/domain/scan.ts'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { formatCount, plural } from '#shared/ui/format/count.ts'
import { formatDuration } from '#shared/ui/format/duration.ts'
import { capitalise } from '#shared/ui/format/time.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { originText, scanName, scanOutcomeText, scanPlaces } from '#shared/ui/text/scan-text.ts'
import { objectName } from '#shared/ui/text/state-text.ts'
import { Ellipsis } from '../../components/Ellipsis.tsx'
import { When } from '../../components/When.tsx'
import { goTo } from '../../state/navigation.ts'
import { shortStateText } from '../detections/short-state.ts'
import { totalsText } from '../security/LastScanCard.tsx'

const shownFirst = 5

/** Its texts can be selected. */
export function ScanReportDetails({ details }: { readonly details: ScanDetails }) {
  const { ended } = details
  if (ended === null) {
    return (
      <p className="t-2">
        Only the sentence above is kept of this scan: an earlier version of the app wrote it, without the details.
      </p>
    )
  }
  const { scan, area } = ended
  return (
    <>
      <Facts scan={scan} area={area} />
      <Found scan={scan} details={details} />
      <LeftOut scan={scan} notScanned={details.notScanned} />
    </>
  )
}

function Facts({ scan, area }: { readonly scan: FinishedScan; readonly area: readonly string[] | null }) {
  const { counters, startedAt, finishedAt, outcome } = scan
  // Nothing is known of it but that it began: the app ended with it.
  const isCutOff = outcome === 'interrupted'
  return (
    <dl className="report-facts">
      <dt>Type</dt>
      <dd>{scanName(scan.type)}</dd>
      <dt>Result</dt>
      <dd>{isCutOff ? 'Interrupted' : scanOutcomeText(scan)}</dd>
      <dt>Area</dt>
      <dd>
        <Area type={scan.type} area={area} />
      </dd>
      <dt>Started</dt>
      <dd className="wrap-anywhere">
        <When at={startedAt} form="time" capital />, {originText(scan.origin)}
      </dd>
      <dt>Duration</dt>
      <dd>{isCutOff ? 'Not known: the app ended while it ran' : durationText(startedAt, finishedAt)}</dd>
      <dt>Looked at</dt>
      <dd>{isCutOff ? 'Not known' : lookedAtText(counters)}</dd>
    </dl>
  )
}

/** "1,200 files, 1,300 objects with what is inside of them, 4.1 MB". */
function lookedAtText({ files, objects, bytes }: FinishedScan['counters']): string {
  const inside = objects > files ? [`${plural(objects, 'object', 'objects')} with what is inside of them`] : []
  return [plural(files, 'file', 'files'), ...inside, formatBytes(bytes)].join(', ')
}

/** A clock that was set back meanwhile leaves no length. */
function durationText(startedAt: string, finishedAt: string): string {
  const ms = Date.parse(finishedAt) - Date.parse(startedAt)
  return ms < 0 ? 'Not known: the clock was changed' : formatDuration(ms)
}

const keptPlaces = 20

function Area({ type, area }: { readonly type: FinishedScan['type']; readonly area: readonly string[] | null }) {
  if (area === null) return 'Not known any more'
  if (area.length === 0) return type === 'custom' ? 'Not known any more' : scanPlaces(type)
  return (
    <>
      {area.map((place) => (
        <MiddleCut key={place} text={place} keep={24} />
      ))}
      {area.length === keptPlaces && <p className="t-caption t-3">The first {keptPlaces} are kept.</p>}
    </>
  )
}

function Found({ scan, details }: { readonly scan: FinishedScan; readonly details: ScanDetails }) {
  const { objects, forgotten, unlisted } = details
  const notes = [
    ...(forgotten > 0 ? [`${plural(forgotten, 'object is', 'objects are')} not kept any more.`] : []),
    ...(unlisted > 0 ? [`${formatCount(unlisted)} more ${unlisted === 1 ? 'is' : 'are'} not listed here.`] : []),
  ]
  return (
    <Part title="Found">
      {scan.totals.found === 0 ? (
        <p className="t-2">Nothing found.</p>
      ) : (
        <p className="t-2">
          {plural(scan.totals.found, 'object', 'objects')} when it ended: {totalsText(scan.totals)}
        </p>
      )}
      <Some rows={objects} name="objects">
        {(detection) => <FoundRow key={detection.id} detection={detection} />}
      </Some>
      {notes.length > 0 && <p className="t-caption t-3">{notes.join(' ')}</p>}
      {objects.length > 0 && <LinkButton onClick={() => goTo('detected')}>Open Detected objects</LinkButton>}
    </Part>
  )
}

function FoundRow({ detection }: { readonly detection: Detection }) {
  const { name, folder } = objectName(detection)
  const { status, text } = shortStateText(detection)
  return (
    <li className="report-found">
      <div className="report-object">
        <MiddleCut text={name} keep={9} className="t-strong" />
        <MiddleCut text={folder} className="t-caption t-3" />
      </div>
      <Ellipsis text={detection.threat} className="t-2" />
      <StatusTag status={status}>{text}</StatusTag>
    </li>
  )
}

interface LeftOutProps {
  readonly scan: FinishedScan
  readonly notScanned: readonly NotScannedView[] | null
}

function LeftOut({ scan, notScanned }: LeftOutProps) {
  const { counters, gapReasons, outcome } = scan
  if (outcome === 'interrupted') return null
  const unlisted = counters.notScanned - (notScanned?.length ?? 0)
  return (
    <Part title="Left out">
      {counters.notScanned === 0 && <p className="t-2">Nothing was left out.</p>}
      {counters.notScanned > 0 && gapReasons.length === 0 && (
        <p className="t-2">{plural(counters.notScanned, 'object', 'objects')}; why is not known any more.</p>
      )}
      {gapReasons.length > 0 && (
        <ul className="report-reasons">
          {gapReasons.map(({ reason, count, partial }) => (
            <li key={reason}>
              <span>{capitalise(gapReasonText(reason))}</span>
              <span className="t-3 tabular">
                {leftOutParts({ notAtAll: count - partial, inPart: partial, excluded: 0 }, formatCount).join(', ')}
              </span>
            </li>
          ))}
        </ul>
      )}
      {counters.excluded > 0 && <p className="t-2">{excludedText(counters.excluded, formatCount)}.</p>}
      <Some rows={notScanned ?? []} name="files">
        {(view) => <LeftOutRow key={`${view.path} › ${view.member} › ${view.reason}`} view={view} />}
      </Some>
      {counters.notScanned > 0 && notScanned === null && (
        <p className="t-caption t-3">Which files these were is kept of the last scan only.</p>
      )}
      {notScanned !== null && unlisted > 0 && (
        <LinkButton onClick={() => goTo('security')}>Show more in Security</LinkButton>
      )}
    </Part>
  )
}

function LeftOutRow({ view }: { readonly view: NotScannedView }) {
  return (
    <li className="report-left-out">
      <MiddleCut text={view.member === '' ? view.path : `${view.path} › ${view.member}`} />
      <span className="t-caption t-3">{gapText(view)}</span>
    </li>
  )
}

function Part({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="report-part" aria-label={title}>
      <h3 className="t-3">{title}</h3>
      <div className="report-part-body">{children}</div>
    </section>
  )
}

interface SomeProps<T> {
  readonly rows: readonly T[]
  readonly name: string
  readonly children: (row: T) => ReactNode
}

/** The first few, then all of them on request. */
function Some<T>({ rows, name, children }: SomeProps<T>) {
  const [isWhole, setWhole] = useState(false)
  if (rows.length === 0) return null
  const shown = isWhole ? rows : rows.slice(0, shownFirst)
  return (
    <>
      <ul className="report-some">{shown.map(children)}</ul>
      {shown.length < rows.length && (
        <LinkButton onClick={() => setWhole(true)}>
          Show all {formatCount(rows.length)} {name}
        </LinkButton>
      )}
    </>
  )
}
