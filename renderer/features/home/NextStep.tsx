// One next step, the one of highest value; nothing when there is none.
import { Button } from '@mantine/core'
import { IconRadar2, IconUserCircle } from '@tabler/icons-react'
import { brand } from '#shared/brand.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { useStartScan } from '../security/start-scan.ts'

/** First a Full Scan, then the account. */
export function NextStep() {
  const { lastByType, running } = useTopic('scan')
  const { engine } = useTopic('protection')
  const account = useTopic('account')
  if (running === null && lastByType.full === null && engine === 'ready') return <FirstFullScan />
  if (account.status === 'signed-out') return <ConnectPortal />
  return null
}

function FirstFullScan() {
  const { busy, run } = useAct()
  const start = useStartScan()
  return (
    <Group title="Next step">
      <Row
        icon={<IconRadar2 size={18} stroke={1.6} aria-hidden />}
        title="Run your first Full Scan"
        detail="Every place on this computer"
        actions={
          <Button size="xs" loading={busy !== null} onClick={() => run('full', () => start({ type: 'full' }))}>
            Start
          </Button>
        }
      />
    </Group>
  )
}

function ConnectPortal() {
  const client = useClient()
  const { run } = useAct()
  return (
    <Group title="Next step">
      <Row
        icon={<IconUserCircle size={18} stroke={1.6} aria-hidden />}
        title={`Sign in to ${brand.portal}`}
        detail="Look after this computer from any browser"
        actions={
          <Button
            size="xs"
            onClick={() => run('sign-in', async () => void (await client.call('window.openSignIn', {})))}
          >
            Sign in
          </Button>
        }
      />
    </Group>
  )
}
