// How the last scan ended: outcome, who started it, its numbers, what became of what it found.
import { excludedText } from '#shared/domain/left-out-text.ts'
import type { FinishedScan, ScanTotals } from '#shared/domain/scan.ts'
import { formatCount, plural } from '#shared/ui/format/count.ts'
import { formatDuration } from '#shared/ui/format/duration.ts'
import { lowerFirst } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon } from '#shared/ui/StatusIcon.tsx'
import { scanName, scanOutcomeText, scanStatus } from '#shared/ui/text/scan-text.ts'
import { When } from '../../components/When.tsx'

/** One group with two or three lines. What was left out is listed under it. */
export function LastScanCard({ scan }: { readonly scan: FinishedScan }) {
  const { objects, excluded } = scan.counters
  // The sentence about excluded names stands below.
  const outcome = scanOutcomeText({ ...scan, counters: { ...scan.counters, excluded: 0 } })
  const durationMs = Date.parse(scan.finishedAt) - Date.parse(scan.startedAt)
  return (
    <Group title="Last scan">
      <Row
        top
        icon={<StatusIcon status={scanStatus(scan)} />}
        title={
          <span className="t-strong">
            {scanName(scan.type)}: {lowerFirst(outcome)}
          </span>
        }
        detail={
          <>
            {plural(objects, 'object', 'objects')} scanned in {formatDuration(durationMs)}
            {scan.origin.kind === 'remote' && (
              <span className="wrap-anywhere">. Started remotely by {scan.origin.account}</span>
            )}
          </>
        }
        values={<When at={scan.finishedAt} form="time" capital />}
      />
      {scan.totals.found > 0 && <div className="scan-totals t-2">{totalsText(scan.totals)}</div>}
      {excluded > 0 && <div className="scan-totals t-2">{excludedText(excluded, formatCount)}.</div>}
    </Group>
  )
}

/** "2 disinfected, 1 deleted, 1 waits for restart". */
export function totalsText(totals: ScanTotals): string {
  const parts: readonly (readonly [number, string])[] = [
    [totals.disinfected, 'disinfected'],
    [totals.deleted, 'deleted'],
    [totals.kept, 'to review'],
    [totals.atRestart, totals.atRestart === 1 ? 'waits for restart' : 'wait for restart'],
    [totals.failed, 'failed'],
  ]
  const told = parts.filter(([count]) => count > 0).map(([count, words]) => `${formatCount(count)} ${words}`)
  return told.length === 0 ? 'Nothing was done with them yet.' : `${told.join(', ')}.`
}
