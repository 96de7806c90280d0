// What a scan did not look at, under its line in the activity: how much for each reason, then the objects. Never a verdict.
import type { NotScannedView, ScanGaps } from '#shared/domain/scan.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { notScannedText } from '#shared/ui/text/scan-text.ts'

export interface ScanGapListProps {
  readonly gaps: ScanGaps
}

/** Objects that are not listed here are listed on the device. */
export function ScanGapList({ gaps }: ScanGapListProps) {
  const total = gaps.reasons.reduce((sum, { count }) => sum + count, 0)
  const unlisted = total - gaps.objects.length
  return (
    <section className="scan-gaps t-caption" aria-label="Not scanned">
      <ul className="scan-gap-reasons">
        {gaps.reasons.map(({ reason, count }) => (
          <li key={reason}>
            <span className="t-2">{notScannedText(reason)}</span> <span className="t-3">{formatCount(count)}</span>
          </li>
        ))}
      </ul>
      <ul className="scan-gap-objects">
        {gaps.objects.map((object) => (
          <li key={`${object.path} › ${object.member} › ${object.reason}`}>
            <MiddleCut text={placeOf(object)} keep={32} />
            <span className="t-3">{notScannedText(object.reason)}</span>
          </li>
        ))}
      </ul>
      {unlisted > 0 && (
        <p className="t-3">
          {formatCount(unlisted)} more {unlisted === 1 ? 'is' : 'are'} listed in the app on the device.
        </p>
      )}
    </section>
  )
}

function placeOf({ path, member }: NotScannedView): string {
  return member === '' ? path : `${path} › ${member}`
}
