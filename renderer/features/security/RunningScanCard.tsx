// The scan that runs: percent and time left, who started it, the current object, counters, pause and stop.
// Owns the drawing; every number is the client's.
import { Button } from '@mantine/core'
import {
  IconCloud,
  IconInfoCircle,
  IconPlayerPauseFilled,
  IconPlayerPlayFilled,
  IconPlayerStopFilled,
} from '@tabler/icons-react'
import type { RunningScan } from '#shared/domain/scan.ts'
import { formatPercent } from '#shared/ui/format/count.ts'
import { formatLeft } from '#shared/ui/format/duration.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { ProgressBar } from '#shared/ui/ProgressBar.tsx'
import { scanName } from '#shared/ui/text/scan-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import { ScanCounters } from './ScanCounters.tsx'
import { useSteady } from './use-steady.ts'

const statusWords = {
  estimating: 'is running',
  running: 'is running',
  paused: 'is paused',
  stopping: 'is stopping',
} as const
// Numbers may change four times a second, the path twice; faster cannot be read.
const numbersEveryMs = 250
const pathEveryMs = 500

/** One bordered card. */
export function RunningScanCard({ scan }: { readonly scan: RunningScan }) {
  const progress = useSteady(scan.progress, numbersEveryMs)
  return (
    <section className="scan-card" aria-label="Running scan">
      <div className="scan-card-top">
        <div className="scan-card-head">
          <div className="scan-card-title">
            <h2 className="t-head">
              {scanName(scan.type)} {statusWords[scan.status]}
            </h2>
            <StartedBy scan={scan} />
          </div>
          <ScanButtons status={scan.status} />
        </div>
        <Percent scan={scan} percent={progress.percent} leftMs={progress.leftMs} />
        <ProgressBar
          size="lg"
          percent={progress.percent}
          label={`${scanName(scan.type)} progress`}
          state={scan.status === 'paused' ? 'paused' : 'running'}
        />
        <CurrentObject path={scan.progress.currentPath} />
      </div>
      <ScanCounters scan={scan} counters={progress.counters} />
      <Advice scan={scan} />
    </section>
  )
}

function StartedBy({ scan }: { readonly scan: RunningScan }) {
  if (scan.origin.kind !== 'remote') {
    return (
      <p className="t-2 scan-origin">
        <span className="scan-started">
          Started <When at={scan.startedAt} form="time" />
        </span>
        {scan.paths.length > 0 && <MiddleCut text={scan.paths.join(', ')} />}
      </p>
    )
  }
  return (
    <p className="t-2 scan-origin">
      <IconCloud size={16} stroke={1.6} aria-hidden />
      <span className="wrap-anywhere">
        Started remotely by {scan.origin.account}, <When at={scan.startedAt} form="time" />
      </span>
    </p>
  )
}

function Percent({
  scan,
  percent,
  leftMs,
}: {
  readonly scan: RunningScan
  readonly percent: number | null
  readonly leftMs: number | null
}) {
  const left = scan.status === 'running' && leftMs !== null ? formatLeft(leftMs) : undefined
  return (
    <p className="scan-percent">
      <span className={percent === null ? 't-title' : 't-figure'}>
        {percent === null ? 'Estimating' : formatPercent(percent)}
      </span>
      <span className="t-2 tabular">
        {scan.status === 'paused'
          ? 'Paused'
          : scan.status === 'stopping'
            ? 'Stopping after the current object'
            : left?.replace(/^./, (first) => first.toLowerCase())}
      </span>
    </p>
  )
}

function CurrentObject({ path }: { readonly path: string }) {
  const steady = useSteady(path, pathEveryMs)
  return (
    <div className="scan-current t-caption">
      <span className="t-3">Scanning</span>
      <MiddleCut text={steady} className="t-2" />
    </div>
  )
}

function ScanButtons({ status }: { readonly status: RunningScan['status'] }) {
  const client = useClient()
  const { busy, run } = useAct()
  const control = (action: 'pause' | 'resume' | 'stop') =>
    run(action, async () => void (await client.call('scan.control', { action })))
  const isStopping = status === 'stopping'
  const isPaused = status === 'paused'
  return (
    <div className="app-actions">
      <Button
        leftSection={
          isPaused ? <IconPlayerPlayFilled size={14} aria-hidden /> : <IconPlayerPauseFilled size={14} aria-hidden />
        }
        disabled={isStopping}
        loading={busy === 'pause' || busy === 'resume'}
        onClick={() => control(isPaused ? 'resume' : 'pause')}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      <Button
        leftSection={<IconPlayerStopFilled size={14} aria-hidden />}
        disabled={isStopping}
        loading={busy === 'stop'}
        onClick={() => control('stop')}
      >
        Stop
      </Button>
    </div>
  )
}

/** What will happen with what is found: a remote scan never asks here. */
function Advice({ scan }: { readonly scan: RunningScan }) {
  const { automatic } = useTopic('settings').treatment
  const isRemote = scan.origin.kind === 'remote'
  const words =
    isRemote || automatic
      ? 'Detected objects are treated automatically. Nothing will be asked on this computer.'
      : 'Detected objects wait for your decision in Detected objects.'
  return (
    <p className="scan-advice t-2">
      <IconInfoCircle size={16} stroke={1.6} aria-hidden />
      <span>{words}</span>
    </p>
  )
}
