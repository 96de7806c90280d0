// The head of a device's page: where one is, its name and status, and what can be started. Owns the folder dialog.
import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState } from 'react'
import type { DeviceCard } from '#shared/domain/device.ts'
import { formatMomentWithTime, formatTime } from '#shared/ui/format/time.ts'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { Link } from '../../components/Link.tsx'
import { Time } from '../../components/Time.tsx'
import { factsLine, lastSeenText, statusTags } from '../devices/card-text.ts'
import { DeviceMenu, ScanItems } from '../devices/DeviceMenu.tsx'
import { FolderDialog } from './FolderDialog.tsx'

/** Answers first: what it is called and how it is. */
export function DeviceHead({ card, now }: { readonly card: DeviceCard; readonly now: Date }) {
  const [folder, setFolder] = useState(false)
  return (
    <div className="device-head">
      <nav className="crumbs" aria-label="Where you are">
        <Link to="/devices">Devices</Link>
        <IconChevronRight size={14} stroke={1.6} aria-hidden />
        <span className="t-3 one-line">{card.name}</span>
      </nav>
      <div className="device-title">
        <div className="device-names">
          <h1 className="t-display wrap-anywhere">
            {card.name}{' '}
            <span className="device-tags">
              {statusTags(card, now).map(({ status, text }) => (
                <StatusTag key={status} status={status} soft>
                  {text}
                </StatusTag>
              ))}
            </span>
          </h1>
          <p className="t-3">
            {factsLine(card)} · <Contact card={card} now={now} />
          </p>
        </div>
        <div className="page-actions">
          <Menu>
            <Menu.Target>
              <Button size="md" rightSection={<IconChevronDown size={16} stroke={1.8} />}>
                Scan
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              <ScanItems card={card} onFolder={() => setFolder(true)} />
            </Menu.Dropdown>
          </Menu>
          <DeviceMenu card={card} scans={false} outlined />
        </div>
      </div>
      {folder && <FolderDialog card={card} onClose={() => setFolder(false)} />}
    </div>
  )
}

function Contact({ card, now }: { readonly card: DeviceCard; readonly now: Date }) {
  if (!card.online) return <>{lastSeenText(card, now)}</>
  if (card.lastContactAt === null) return <>Online</>
  const sameDay = now.getTime() - Date.parse(card.lastContactAt) < 3_600_000
  const text = sameDay ? formatTime(card.lastContactAt) : formatMomentWithTime(card.lastContactAt, now)
  return (
    <>
      Online, last contact <Time at={card.lastContactAt} text={text} />
    </>
  )
}
