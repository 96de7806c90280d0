// One device (screens 14, 15, 16): head, tabs, and the chosen tab. Owns the arrangement; the mirror owns the data.
import { Button } from '@mantine/core'
import type { DeviceCard } from '#shared/domain/device.ts'
import { EmptyState } from '#shared/ui/EmptyState.tsx'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { formatCount } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { SkeletonRows } from '#shared/ui/SkeletonRows.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { useNow } from '#shared/ui/use-now.ts'
import { loadDevices } from '../../bridge/devices.ts'
import { Link } from '../../components/Link.tsx'
import { useTitle } from '../../components/use-title.ts'
import { mirrorStore } from '../../state/mirror.ts'
import { type DeviceTab, devicePathOf, navigate } from '../../state/route.ts'
import { Activity } from '../commands/Activity.tsx'
import { useCommands } from '../commands/use-commands.ts'
import { ObjectsTab } from '../objects/ObjectsTab.tsx'
import { DeviceHead } from './DeviceHead.tsx'
import { DeviceSide } from './DeviceSide.tsx'
import { Problems } from './Problems.tsx'
import { RunningNow } from './RunningNow.tsx'

/** A device that is gone says so. */
export function DevicePage({ deviceId, tab }: { readonly deviceId: string; readonly tab: DeviceTab }) {
  const card = mirrorStore((mirror) => mirror.devices.get(deviceId))
  const loaded = mirrorStore((mirror) => mirror.loaded)
  const failure = mirrorStore((mirror) => mirror.failure)
  useTitle(card?.name ?? 'Device')
  if (card !== undefined) return <DeviceContent card={card} tab={tab} />
  if (loaded) return <DeviceGone />
  if (failure === undefined) {
    return (
      <Group label="Loading">
        <SkeletonRows label="Loading the device" />
      </Group>
    )
  }
  const { title, todo } = errorText(failure)
  return (
    <Group label="Error">
      <ErrorState title={title} detail={todo} onRetry={() => void loadDevices()} />
    </Group>
  )
}

function DeviceContent({ card, tab }: { readonly card: DeviceCard; readonly tab: DeviceTab }) {
  const now = useNow()
  const commands = useCommands(card.id)
  return (
    <>
      <DeviceHead card={card} now={now} />
      <nav className="tabs" aria-label="Parts of the device">
        <Link to={devicePathOf(card.id)} className="tab" current={tab === 'overview'}>
          Overview
        </Link>
        <Link to={devicePathOf(card.id, 'objects')} className="tab" current={tab === 'objects'}>
          Detected objects <span className="tab-count">{formatCount(card.state?.unprocessedCount ?? 0)}</span>
        </Link>
        <Link to={devicePathOf(card.id, 'activity')} className="tab" current={tab === 'activity'}>
          Activity
        </Link>
      </nav>
      {tab === 'overview' && (
        <div className="device-columns">
          <div className="device-main">
            <Problems card={card} commands={commands} now={now} />
            <RunningNow card={card} commands={commands} now={now} />
            <Activity card={card} commands={commands} now={now} short />
          </div>
          <DeviceSide card={card} now={now} />
        </div>
      )}
      {tab === 'objects' && <ObjectsTab card={card} commands={commands} now={now} />}
      {tab === 'activity' && <Activity card={card} commands={commands} now={now} />}
    </>
  )
}

function DeviceGone() {
  return (
    <Group label="Device">
      <EmptyState
        kind="plain"
        title="This device is not connected to your account"
        detail="It was disconnected, or the address is not complete."
        action={<Button onClick={() => navigate('/devices')}>Open Devices</Button>}
      />
    </Group>
  )
}
