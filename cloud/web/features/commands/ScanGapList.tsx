// What a scan left out, under its line in the activity: how much for each reason, then the objects. Never a verdict.
import { excludedText, gapText } from '#shared/domain/left-out-text.ts'
import type { NotScannedView, ScanGaps } from '#shared/domain/scan.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { gapLines, unlistedCount } from './scan-gaps.ts'

export interface ScanGapListProps {
  /** Null: it looked at everything. */
  readonly gaps: ScanGaps | null
  /** Matches whose names are excluded. */
  readonly excluded: number
}

/** Objects that are not listed here are listed on the device. */
export function ScanGapList({ gaps, excluded }: ScanGapListProps) {
  const unlisted = gaps === null ? 0 : unlistedCount(gaps)
  return (
    <section className="scan-gaps t-caption" aria-label="Left out of the scan">
      {gaps !== null && (
        <>
          <ul className="scan-gap-reasons">
            {gapLines(gaps.reasons).map(({ text, count }) => (
              <li key={text}>
                <span className="t-2">{text}</span> <span className="t-3">{formatCount(count)}</span>
              </li>
            ))}
          </ul>
          <ul className="scan-gap-objects">
            {gaps.objects.map((object) => (
              <li key={`${object.path} › ${object.member} › ${object.reason}`}>
                <MiddleCut text={placeOf(object)} keep={32} />
                <span className="t-3">{gapText(object)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {unlisted > 0 && (
        <p className="t-3">
          {formatCount(unlisted)} more {unlisted === 1 ? 'is' : 'are'} listed in the app on the device.
        </p>
      )}
      {excluded > 0 && <p className="t-2">{excludedText(excluded, formatCount)}.</p>}
    </section>
  )
}

function placeOf({ path, member }: NotScannedView): string {
  return member === '' ? path : `${path} › ${member}`
}
