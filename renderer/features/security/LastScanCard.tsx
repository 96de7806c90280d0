// How the last scan ended: outcome, who started it, its numbers, what became of what it found.
import type { FinishedScan, ScanTotals } from '#shared/domain/scan.ts'
import { formatCount, plural } from '#shared/ui/format/count.ts'
import { formatDuration } from '#shared/ui/format/duration.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon, type StatusKind } from '#shared/ui/StatusIcon.tsx'
import { scanName, scanOutcomeText } from '#shared/ui/text/scan-text.ts'
import { When } from '../../components/When.tsx'

/** One group with two lines. */
export function LastScanCard({ scan }: { readonly scan: FinishedScan }) {
  const { objects, notScanned } = scan.counters
  const durationMs = Date.parse(scan.finishedAt) - Date.parse(scan.startedAt)
  return (
    <Group title="Last scan">
      <Row
        top
        icon={<StatusIcon status={outcomeStatus(scan)} />}
        title={
          <span className="t-strong">
            {scanName(scan.type)}: {lowerFirst(scanOutcomeText(scan))}
          </span>
        }
        detail={
          <>
            {plural(objects, 'object', 'objects')} scanned in {formatDuration(durationMs)}
            {notScanned > 0 && `, ${formatCount(notScanned)} not scanned`}
            {scan.origin.kind === 'remote' && (
              <span className="wrap-anywhere">. Started remotely by {scan.origin.account}</span>
            )}
          </>
        }
        values={<When at={scan.finishedAt} form="time" capital />}
      />
      {scan.totals.found > 0 && <div className="scan-totals t-2">{totalsText(scan.totals)}</div>}
    </Group>
  )
}

function outcomeStatus(scan: FinishedScan): StatusKind {
  if (scan.outcome === 'stopped') return 'stopped'
  if (scan.outcome !== 'completed' || scan.totals.failed > 0) return 'danger'
  return scan.totals.kept > 0 || scan.totals.atRestart > 0 ? 'attention' : 'good'
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

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
