// Signed in: account, device name, connection, last synchronised, remote commands, Disconnect (B2, B4, B6).
import { Button } from '@mantine/core'
import { IconExternalLink } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { brand } from '#shared/brand.ts'
import type { AccountTopic, CloudTopic } from '#shared/domain/app-state.ts'
import { plural } from '#shared/ui/format/count.ts'
import { formatDuration } from '#shared/ui/format/duration.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { StatusIcon, type StatusKind } from '#shared/ui/StatusIcon.tsx'
import { textOfCode } from '#shared/ui/text/error-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import { DeviceNameRow } from './DeviceNameRow.tsx'
import { FactRow } from './FactRow.tsx'
import { RemoteCommands } from './RemoteCommands.tsx'

type Connected = Extract<AccountTopic, { status: 'connected' }>

/** Everything about the connection. */
export function ConnectedProfile({ account }: { readonly account: Connected }) {
  const cloud = useTopic('cloud')
  return (
    <>
      <Header email={account.email} cloud={cloud} />
      <Group label="Connection">
        <DeviceNameRow name={account.deviceName} />
        <FactRow name="Connection" action={<RetryLink cloud={cloud} />}>
          <Connection cloud={cloud} />
          <span className="t-2">
            . Added to the account <When at={account.connectedAt} form="time" />
          </span>
        </FactRow>
        <FactRow name="Last synchronised">
          {cloud.lastSyncAt === null ? 'Not yet' : <When at={cloud.lastSyncAt} form="time" capital />}
          {cloud.outboxWaiting > 0 && (
            <span className="t-2">, {plural(cloud.outboxWaiting, 'event', 'events')} waiting to be sent</span>
          )}
        </FactRow>
        <FactRow name="Portal address">
          <span className="selectable wrap-anywhere">{cloud.portalUrl}</span>
        </FactRow>
        {Math.abs(cloud.clockSkewMs) > 120_000 && (
          <FactRow name="Clock">
            This computer is {formatDuration(Math.abs(cloud.clockSkewMs))}{' '}
            {cloud.clockSkewMs > 0 ? 'ahead of' : 'behind'} the portal.
          </FactRow>
        )}
      </Group>
      <RemoteCommands commands={cloud.commands} />
      <Disconnect />
    </>
  )
}

const linkWords: Record<CloudTopic['link'], readonly [StatusKind, string]> = {
  online: ['good', `Connected to ${brand.portal}`],
  connecting: ['busy', 'Connecting'],
  waiting: ['offline', 'Not connected. Local protection keeps running'],
  off: ['offline', 'Not connected. Local protection keeps running'],
  'update-needed': ['attention', 'An update is needed to connect'],
}

function Header({ email, cloud }: { readonly email: string; readonly cloud: CloudTopic }) {
  const client = useClient()
  const { run } = useAct()
  const [status, words] = linkWords[cloud.link]
  return (
    <div className="profile-header">
      <span className="profile-initials" aria-hidden>
        {initials(email)}
      </span>
      <div className="profile-address">
        <h2 className="t-title wrap-anywhere selectable">{email}</h2>
        <p className="profile-link t-2" role="status">
          <StatusIcon status={status} />
          <span>{words}</span>
        </p>
      </div>
      <Button
        rightSection={<IconExternalLink size={16} stroke={1.6} aria-hidden />}
        onClick={() => run('portal', async () => void (await client.call('external.open', { page: 'portal' })))}
      >
        Open {brand.portal}
      </Button>
    </div>
  )
}

function initials(email: string): string {
  const [local = '', domain = ''] = email.split('@')
  const parts = local.split(/[._-]+/).filter(Boolean)
  const letters = parts.length > 1 ? [parts[0], parts[1]] : [local, domain]
  return letters.map((part) => (part ?? '').charAt(0).toUpperCase()).join('')
}

function Connection({ cloud }: { readonly cloud: CloudTopic }): ReactNode {
  if (cloud.link === 'online') return 'Connected'
  if (cloud.link === 'update-needed') return 'The app and the portal have versions that do not fit together'
  return (
    <>
      {cloud.offlineSince === null ? (
        'Connecting'
      ) : (
        <>
          Not connected since <When at={cloud.offlineSince} form="time" />
        </>
      )}
      {cloud.link === 'connecting' && cloud.offlineSince !== null && <span className="t-2">. Trying now</span>}
      {cloud.link === 'waiting' && cloud.lastError !== null && (
        <span className="t-2">: {textOfCode(cloud.lastError).reason}</span>
      )}
    </>
  )
}

function RetryLink({ cloud }: { readonly cloud: CloudTopic }) {
  const client = useClient()
  const { busy, run } = useAct()
  if (cloud.link !== 'waiting') return null
  return (
    <LinkButton
      disabled={busy !== null}
      onClick={() => run('retry', async () => void (await client.call('cloud.retry', {})))}
    >
      Try now
    </LinkButton>
  )
}

/** Main asks before it disconnects. */
function Disconnect() {
  const client = useClient()
  const { busy, run } = useAct()
  return (
    <Group label="Disconnect">
      <Row
        strong
        title="Disconnect this computer"
        detail={
          <span className="t-body t-2">
            Remote control stops at once. Protection and settings stay as they are, and you can connect again.
          </span>
        }
        actions={
          <Button
            variant="danger"
            loading={busy !== null}
            onClick={() => run('disconnect', async () => void (await client.call('account.disconnect', {})))}
          >
            Disconnect
          </Button>
        }
      />
    </Group>
  )
}
