// What can be done with one detected object: the recommended action visible, the others in the menu. Restores ask first,
// because they put the object back. Owns those dialogs.
import { ActionIcon, Menu } from '@mantine/core'
import {
  IconArchive,
  IconArrowBackUp,
  IconCircleMinus,
  IconDots,
  IconHeartPlus,
  IconListCheck,
  IconTrash,
} from '@tabler/icons-react'
import { useState } from 'react'
import type { CommandRecord } from '#shared/domain/command.ts'
import { actionsFor, type Detection, type DetectionAction, type RestoreAction } from '#shared/domain/detection.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { shortenedName } from '#shared/domain/shortened.ts'
import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { actionLabel, recommendedAction } from '#shared/ui/text/state-text.ts'
import { useLast } from '#shared/ui/use-last.ts'
import { BusyButton } from '../../components/BusyButton.tsx'
import { runCancel, runCommand } from '../commands/run-command.ts'

export interface ObjectActionsProps {
  readonly card: DeviceCard
  readonly object: Detection
  readonly name: string
  readonly pending: CommandRecord | undefined
}

const icons = {
  process: IconHeartPlus,
  disinfect: IconHeartPlus,
  delete: IconTrash,
  'copy-to-quarantine': IconArchive,
  skip: IconCircleMinus,
  restore: IconArrowBackUp,
  'restore-and-exclude': IconListCheck,
} as const satisfies Record<DetectionAction, unknown>

/** Nothing where nothing can be done. */
export function ObjectActions({ card, object, name, pending }: ObjectActionsProps) {
  const [asked, setAsked] = useState<RestoreAction>()
  const shown = useLast(asked) ?? 'restore'
  const possible = actionsFor(object)
  const main = recommendedAction(object, possible)
  const send = (action: DetectionAction) =>
    runCommand(card, { kind: 'detections.act', args: { action, ids: [object.id] } })
  const act = async (action: DetectionAction): Promise<void> => {
    if (action === 'restore' || action === 'restore-and-exclude') setAsked(action)
    else await send(action)
  }
  if (pending?.status === 'planned') {
    return (
      <BusyButton size="xs" onRun={() => runCancel(card, pending)} label={`Cancel the planned action on ${name}`}>
        Cancel
      </BusyButton>
    )
  }
  if (main === undefined) return null
  const disabled = pending !== undefined || object.busy
  const rest = possible.filter((action) => action !== main)
  return (
    <div className="row-actions">
      <BusyButton
        size="xs"
        variant={main === 'delete' ? 'danger' : 'default'}
        disabled={disabled}
        onRun={() => act(main)}
        label={`${actionLabel(main)} ${name}`}
      >
        {actionLabel(main)}
      </BusyButton>
      {rest.length > 0 && (
        <ActionsMenu name={name} actions={rest} disabled={disabled} onAct={(action) => void act(action)} />
      )}
      <ConfirmDialog
        opened={asked !== undefined}
        danger
        {...restoreWords[shown](shortenedName(name, 60), startsAgain(object))}
        onConfirm={() => {
          setAsked(undefined)
          if (asked !== undefined) void send(asked)
        }}
        onClose={() => setAsked(undefined)}
      />
    </div>
  )
}

/** What was removed with it comes back with it. */
function startsAgain({ autostartEntries: count = 0 }: Detection): string {
  if (count === 0) return ''
  return ` Its ${count === 1 ? 'autostart entry comes' : 'autostart entries come'} back too: it may start by itself again.`
}

type RestoreWords = (name: string, again: string) => { title: string; consequence: string; verb: string }

const restoreWords: Record<RestoreAction, RestoreWords> = {
  restore: (name, again) => ({
    title: `Restore ${name}?`,
    consequence: `It goes back to its place on the computer, unless it is still detected or something else is there.${again} The copy stays in Quarantine.`,
    verb: 'Restore',
  }),
  'restore-and-exclude': (name, again) => ({
    title: `Restore ${name} and add it to the exclusions?`,
    consequence: `It goes back to its place even if a threat is still detected in it, and no scan on that computer reports it any more.${again}`,
    verb: 'Restore and exclude',
  }),
}

interface ActionsMenuProps {
  readonly name: string
  readonly actions: readonly DetectionAction[]
  readonly disabled: boolean
  readonly onAct: (action: DetectionAction) => void
}

function ActionsMenu({ name, actions, disabled, onAct }: ActionsMenuProps) {
  const harmless = actions.filter((action) => action !== 'delete')
  return (
    <Menu disabled={disabled}>
      <Menu.Target>
        <ActionIcon size="xs" aria-label={`More actions for ${name}`} disabled={disabled}>
          <IconDots size={16} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {harmless.map((action) => {
          const Icon = icons[action]
          return (
            <Menu.Item key={action} leftSection={<Icon size={16} stroke={1.6} />} onClick={() => onAct(action)}>
              {actionLabel(action)}
            </Menu.Item>
          )
        })}
        {actions.includes('delete') && (
          <>
            {harmless.length > 0 && <Menu.Divider />}
            <Menu.Item data-danger leftSection={<IconTrash size={16} stroke={1.6} />} onClick={() => onAct('delete')}>
              Delete
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
