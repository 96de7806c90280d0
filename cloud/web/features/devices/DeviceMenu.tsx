// Everything that can be done with a device, under "⋯", with the dialogs it opens. Owns which dialog is open.
import { ActionIcon, Menu } from '@mantine/core'
import {
  IconDots,
  IconFolderSearch,
  IconPencil,
  IconPlugX,
  IconRadar2,
  IconRefresh,
  IconScan,
} from '@tabler/icons-react'
import { useState } from 'react'
import type { DeviceCard } from '#shared/domain/device.ts'
import { askToRestart } from '#shared/domain/problem-text.ts'
import { restartBody } from '../commands/restart-state.ts'
import { runCommand } from '../commands/run-command.ts'
import { DisconnectDialog } from '../device/DisconnectDialog.tsx'
import { FolderDialog } from '../device/FolderDialog.tsx'
import { RenameDialog } from '../device/RenameDialog.tsx'
import { scanBody } from './scan-control.ts'

export interface DeviceMenuProps {
  readonly card: DeviceCard
  /** False where the scans have a menu of their own. */
  readonly scans?: boolean
  readonly outlined?: boolean
}

type OpenDialog = 'rename' | 'disconnect' | 'folder' | undefined

/** Named after the device for screen readers. */
export function DeviceMenu({ card, scans = true, outlined = false }: DeviceMenuProps) {
  const [open, setOpen] = useState<OpenDialog>()
  const close = () => setOpen(undefined)
  return (
    <>
      <Menu>
        <Menu.Target>
          <ActionIcon
            size={outlined ? 'md' : 'sm'}
            aria-label={`More for ${card.name}`}
            className={outlined ? 'ui-icon-button-outlined' : 'card-menu'}
          >
            <IconDots size={18} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {scans && (
            <>
              <ScanItems card={card} onFolder={() => setOpen('folder')} />
              <Menu.Divider />
            </>
          )}
          <Menu.Item
            leftSection={<IconRefresh size={16} stroke={1.6} />}
            disabled={card.state?.restart != null}
            onClick={() => void runCommand(card, restartBody)}
          >
            {askToRestart}
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={16} stroke={1.6} />} onClick={() => setOpen('rename')}>
            Rename
          </Menu.Item>
          <Menu.Item
            data-danger
            leftSection={<IconPlugX size={16} stroke={1.6} />}
            onClick={() => setOpen('disconnect')}
          >
            Disconnect device
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {open === 'rename' && <RenameDialog card={card} onClose={close} />}
      {open === 'disconnect' && <DisconnectDialog card={card} onClose={close} />}
      {open === 'folder' && <FolderDialog card={card} onClose={close} />}
    </>
  )
}

/** Quick Scan, Full Scan, Scan folder… */
export function ScanItems({ card, onFolder }: { readonly card: DeviceCard; readonly onFolder: () => void }) {
  return (
    <>
      <Menu.Item
        leftSection={<IconScan size={16} stroke={1.6} />}
        onClick={() => void runCommand(card, scanBody('quick'))}
      >
        Quick Scan
      </Menu.Item>
      <Menu.Item
        leftSection={<IconRadar2 size={16} stroke={1.6} />}
        onClick={() => void runCommand(card, scanBody('full'))}
      >
        Full Scan
      </Menu.Item>
      <Menu.Item leftSection={<IconFolderSearch size={16} stroke={1.6} />} onClick={onFolder}>
        Scan folder…
      </Menu.Item>
    </>
  )
}
