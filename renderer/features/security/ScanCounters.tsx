// The counters of a running scan. Owns the clock of the elapsed time, which stands while the scan is paused.
import { useEffect, useState } from 'react'
import { leftOut } from '#shared/domain/left-out-text.ts'
import type { ScanCounters as Counters, RunningScan } from '#shared/domain/scan.ts'
import { formatCount, formatPercent } from '#shared/ui/format/count.ts'
import { formatClock } from '#shared/ui/format/duration.ts'

/** A row of names and numbers. */
export function ScanCounters({ scan, counters }: { readonly scan: RunningScan; readonly counters: Counters }) {
  const elapsedMs = useElapsed(scan)
  const { notAtAll, inPart } = leftOut(counters, scan.partial)
  const facts = [
    ['Scanned', formatCount(counters.objects)],
    ['Found', formatCount(counters.found)],
    ['Not scanned', formatCount(notAtAll)],
    ['Scanned in part', formatCount(inPart)],
    ['Elapsed', formatClock(elapsedMs)],
    ['CPU limit', scan.loadCeilingPercent === 100 ? 'None' : formatPercent(scan.loadCeilingPercent)],
  ] as const
  return (
    <dl className="scan-counters">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt className="t-caption t-3">{name}</dt>
          <dd className="t-head tabular">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Time since the start, without the pauses this window has seen. */
function useElapsed(scan: Pick<RunningScan, 'scanId' | 'startedAt' | 'status'>): number {
  const [elapsedMs, setElapsed] = useState(() => Date.now() - Date.parse(scan.startedAt))
  const isPaused = scan.status === 'paused'
  useEffect(() => {
    if (isPaused) return
    let before = Date.now()
    const timer = setInterval(() => {
      const passed = Date.now() - before
      before += passed
      setElapsed((elapsed) => elapsed + passed)
    }, 500)
    return () => clearInterval(timer)
  }, [isPaused])
  return elapsedMs
}
