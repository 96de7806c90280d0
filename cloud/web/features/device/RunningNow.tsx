// What runs on the device now: live progress and, for a remote scan, Pause, Resume and Stop (D8, D10); a restart that was asked
// for. Owns the block.
import type { CommandRecord } from '#shared/domain/command.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import type { RunningScan } from '#shared/domain/scan.ts'
import { formatTime } from '#shared/ui/format/time.ts'
import { Group } from '#shared/ui/Group.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { ProgressBar } from '#shared/ui/ProgressBar.tsx'
import { originText, scanCountsText, scanName, scanProgressText } from '#shared/ui/text/scan-text.ts'
import { BusyButton } from '../../components/BusyButton.tsx'
import { mirrorStore } from '../../state/mirror.ts'
import { sessionStore } from '../../state/session.ts'
import { openRestart } from '../commands/restart-state.ts'
import { commandOf, controlScan } from '../devices/scan-control.ts'
import { RestartRow } from './RestartState.tsx'

export interface RunningNowProps {
  readonly card: DeviceCard
  readonly commands: readonly CommandRecord[]
  readonly now: Date
}

/** Nothing when nothing runs. A restart that fixes a listed problem stands there instead. */
export function RunningNow({ card, commands, now }: RunningNowProps) {
  const scan = card.online ? card.state?.runningScan : undefined
  const isListed = card.state?.problems.some(({ fix, ignored }) => fix === 'restart' && !ignored) === true
  const restart = isListed ? undefined : openRestart(commands)
  if (scan == null && restart === undefined) return null
  return (
    <Group title="Running now">
      {restart !== undefined && <RestartRow card={card} record={restart} now={now} />}
      {scan != null && <ScanBlock card={card} scan={scan} />}
    </Group>
  )
}

function ScanBlock({ card, scan }: { readonly card: DeviceCard; readonly scan: RunningScan }) {
  const self = sessionStore((state) => state.account?.email)
  const stale = mirrorStore((mirror) => mirror.link === 'stale')
  const state = stale ? 'stale' : scan.status === 'paused' ? 'paused' : 'running'
  return (
    <div className="running">
      <div className="running-head">
        <p className="running-words t-2 tabular">
          <span className="t-strong t-1">{scanName(scan.type)}</span> · {scanProgressText(scan)} · started{' '}
          {originText(scan.origin, self)} at {formatTime(scan.startedAt)}
        </p>
        <ScanControls card={card} scan={scan} />
      </div>
      <ProgressBar percent={scan.progress.percent} label={scanName(scan.type)} state={state} />
      <div className="running-foot t-caption t-3">
        <MiddleCut text={scan.progress.currentPath} />
        <span className="tabular running-counts">{scanCountsText(scan.progress.counters)}</span>
      </div>
    </div>
  )
}

function ScanControls({ card, scan }: { readonly card: DeviceCard; readonly scan: RunningScan }) {
  const commandId = commandOf(scan)
  if (commandId === undefined) return <span className="t-caption t-3">Pause or stop it on the device</span>
  const paused = scan.status === 'paused'
  const stopping = scan.status === 'stopping'
  return (
    <div className="running-actions">
      <BusyButton disabled={stopping} onRun={() => controlScan(card, commandId, paused ? 'resume' : 'pause')}>
        {paused ? 'Resume' : 'Pause'}
      </BusyButton>
      <BusyButton disabled={stopping} onRun={() => controlScan(card, commandId, 'stop')}>
        {stopping ? 'Stopping' : 'Stop'}
      </BusyButton>
    </div>
  )
}
