// One device as a row of the list view. Owns the arrangement; words come from card-text.ts.
import { IconDeviceDesktop } from '@tabler/icons-react'
import type { DeviceCard } from '#shared/domain/device.ts'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { Link } from '../../components/Link.tsx'
import { devicePathOf } from '../../state/route.ts'
import { cardReason, factsLine, lastScanText, statusTags } from './card-text.ts'
import { DeviceMenu } from './DeviceMenu.tsx'

/** Two lines at most. */
export function DeviceLine({ card, now }: { readonly card: DeviceCard; readonly now: Date }) {
  const reason = cardReason(card, now)
  return (
    <li className="line" data-offline={!card.online || undefined}>
      <IconDeviceDesktop className="tile-icon" size={18} stroke={1.6} aria-hidden />
      <div className="line-name">
        <Link to={devicePathOf(card.id)} className="tile-link one-line t-strong">
          {card.name}
        </Link>
        <p className="t-caption t-3 one-line">{factsLine(card)}</p>
      </div>
      <div className="line-status">
        {statusTags(card, now).map(({ status, text }) => (
          <StatusTag key={status} status={status}>
            {text}
          </StatusTag>
        ))}
      </div>
      <div className="line-reason">
        <p className="one-line">{reason.title}</p>
        <p className="t-caption t-3 one-line">{reason.detail}</p>
      </div>
      <span className="line-scan t-caption t-3">{lastScanText(card, now)}</span>
      <DeviceMenu card={card} />
    </li>
  )
}
