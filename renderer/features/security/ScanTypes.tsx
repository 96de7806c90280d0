// The scans that can be started, one row each. Owns choosing the paths of a Custom Scan; main owns the dialog.
import { Button, Menu } from '@mantine/core'
import { IconBolt, IconFile, IconFolder, IconFolderSearch, IconRadar2 } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { FinishedScan, ScanType } from '#shared/domain/scan.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { scanName, scanOutcomeText, scanPlaces } from '#shared/ui/text/scan-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import { useStartScan } from './start-scan.ts'

/** Disabled while the engine is not there. */
export function ScanTypes() {
  const { lastByType } = useTopic('scan')
  const isReady = useTopic('protection').engine === 'ready'
  const { busy, run } = useAct()
  const start = useStartScan()
  const icon = (Icon: typeof IconBolt) => <Icon size={18} stroke={1.6} aria-hidden />
  const simple = (type: 'quick' | 'full') => (
    <Button
      variant={type === 'quick' ? 'filled' : 'default'}
      loading={busy === type}
      disabled={!isReady}
      aria-label={`Start ${scanName(type)}`}
      onClick={() => run(type, () => start({ type }))}
    >
      Start
    </Button>
  )
  return (
    <Group title="Scans">
      <ScanRow type="quick" icon={icon(IconBolt)} last={lastByType.quick} action={simple('quick')} />
      <ScanRow type="full" icon={icon(IconRadar2)} last={lastByType.full} action={simple('full')} />
      <ScanRow
        type="custom"
        icon={icon(IconFolderSearch)}
        last={lastByType.custom}
        action={<CustomScanMenu disabled={!isReady} />}
      />
    </Group>
  )
}

interface ScanRowProps {
  readonly type: ScanType
  readonly icon: ReactNode
  readonly last: FinishedScan | null
  readonly action: ReactNode
}

function ScanRow({ type, icon, last, action }: ScanRowProps) {
  return (
    <Row
      strong
      icon={icon}
      title={scanName(type)}
      detail={scanPlaces(type)}
      values={
        last === null ? (
          'Not run yet'
        ) : (
          <span className="scan-last">
            <When at={last.finishedAt} capital />
            <span>{scanOutcomeText(last)}</span>
          </span>
        )
      }
      actions={action}
    />
  )
}

function CustomScanMenu({ disabled }: { readonly disabled: boolean }) {
  const client = useClient()
  const { busy, run } = useAct()
  const start = useStartScan()
  const choose = (kind: 'files' | 'folders') =>
    run(kind, async () => {
      const { paths } = await client.call('dialog.pickPaths', { kind })
      if (paths.length > 0) await start({ type: 'custom', paths })
    })
  return (
    <Menu>
      <Menu.Target>
        <Button loading={busy !== null} disabled={disabled} aria-label="Choose what a Custom Scan checks">
          Choose
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconFolder size={16} stroke={1.6} aria-hidden />} onClick={() => choose('folders')}>
          Folders
        </Menu.Item>
        <Menu.Item leftSection={<IconFile size={16} stroke={1.6} aria-hidden />} onClick={() => choose('files')}>
          Files
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
