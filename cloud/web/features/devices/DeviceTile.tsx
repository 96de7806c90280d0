// One device as a card: what it is, how it is, why, what runs, what can be done. Owns the arrangement; words come from
// card-text.ts.
import { IconClock, IconDeviceDesktop } from '@tabler/icons-react'
import type { DeviceCard } from '#shared/domain/device.ts'
import { ProgressBar } from '#shared/ui/ProgressBar.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { Link } from '../../components/Link.tsx'
import { mirrorStore } from '../../state/mirror.ts'
import { devicePathOf } from '../../state/route.ts'
import { commandTitle, plannedText } from '../commands/command-text.ts'
import { pendingOf, useCommands } from '../commands/use-commands.ts'
import { CardActions } from './CardActions.tsx'
import {
  cardReason,
  databasesText,
  factsLine,
  lastScanText,
  runningDetail,
  runningTitle,
  statusTags,
} from './card-text.ts'
import { DeviceMenu } from './DeviceMenu.tsx'

export interface DeviceTileProps {
  readonly card: DeviceCard
  readonly now: Date
  /** Whether planned commands may be fetched for it. */
  readonly loadPlanned: boolean
}

/** The name leads to the device's page. */
export function DeviceTile({ card, now, loadPlanned }: DeviceTileProps) {
  const reason = cardReason(card, now)
  const databases = databasesText(card, now)
  return (
    <li className="tile" data-offline={!card.online || undefined}>
      <div className="tile-head">
        <IconDeviceDesktop className="tile-icon" size={20} stroke={1.6} aria-hidden />
        <div className="tile-names">
          <h2 className="tile-name">
            <Link to={devicePathOf(card.id)} className="tile-link">
              {card.name}
            </Link>
          </h2>
          <p className="t-caption t-3 one-line">{factsLine(card)}</p>
        </div>
        <DeviceMenu card={card} />
      </div>
      <div className="tile-body">
        <div className="tile-status">
          {statusTags(card, now).map(({ status, text }) => (
            <StatusTag key={status} status={status}>
              {text}
            </StatusTag>
          ))}
        </div>
        <p className="tile-reason">{reason.title}</p>
        <p className="t-caption t-3 tile-detail">{reason.detail}</p>
        <TileScan card={card} reasonTitle={reason.title} />
        {card.cloned && (
          <p className="tile-note t-caption t-red">
            Another computer uses the same key. Disconnect the device and sign in again.
          </p>
        )}
        {!card.online && <PlannedNote card={card} now={now} wanted={loadPlanned} />}
      </div>
      <div className="tile-facts t-caption">
        <span className="t-3">
          Databases <span className={databases.old ? 't-yellow' : 't-2'}>{databases.text}</span>
        </span>
        <span className="t-3">
          Last scan <span className="t-2">{lastScanText(card, now)}</span>
        </span>
      </div>
      <div className="tile-actions">
        <CardActions card={card} />
        <span className="tile-contact t-caption t-3">{card.online ? 'Online' : 'Offline'}</span>
      </div>
    </li>
  )
}

function TileScan({ card, reasonTitle }: { readonly card: DeviceCard; readonly reasonTitle: string }) {
  const stale = mirrorStore((mirror) => mirror.link === 'stale')
  const scan = card.online ? card.state?.runningScan : undefined
  if (scan == null) return null
  const title = runningTitle(card)
  const state = stale ? 'stale' : scan.status === 'paused' ? 'paused' : 'running'
  return (
    <div className="tile-scan">
      {title !== reasonTitle && (
        <p className="t-caption t-2">
          {title}. {runningDetail(card)}
        </p>
      )}
      <ProgressBar percent={scan.progress.percent} label={`${title} on ${card.name}`} state={state} />
    </div>
  )
}

interface PlannedNoteProps {
  readonly card: DeviceCard
  readonly now: Date
  readonly wanted: boolean
}

function PlannedNote({ card, now, wanted }: PlannedNoteProps) {
  const planned = pendingOf(useCommands(card.id, wanted)).filter(({ status }) => status === 'planned')
  const first = planned[0]
  if (first === undefined) return null
  const more = planned.length > 1 ? ` ${planned.length - 1} more planned.` : ''
  return (
    <p className="tile-planned t-caption t-2">
      <IconClock size={14} stroke={1.8} aria-hidden />
      <span>
        {commandTitle(first)}: {plannedText(first, now).replace(/^P/, 'p')}
        {more}
      </span>
    </p>
  )
}
