// File protection: on or off, and which folders it watches.
import { Group } from '#shared/ui/Group.tsx'
import { useTopic } from '../../state/mirror.ts'
import { PathList } from './PathList.tsx'
import { SwitchRow } from './SwitchRow.tsx'
import { useChange } from './use-change.ts'

/** Switched off it stays off, also after a restart. */
export function FileProtectionSettings() {
  const { fileProtection } = useTopic('settings')
  const change = useChange()
  const set = (part: Partial<typeof fileProtection>) => change({ fileProtection: { ...fileProtection, ...part } })
  return (
    <Group title="File protection">
      <SwitchRow
        title="File protection"
        detail="Checks files in the watched folders as soon as they were changed, and treats what it finds"
        checked={fileProtection.enabled}
        onChange={(enabled) => set({ enabled })}
      />
      <PathList
        title="Watched folders"
        whenEmpty="Downloads, Desktop, Documents and the places programs start from"
        paths={fileProtection.folders}
        onChange={(folders) => set({ folders })}
      />
    </Group>
  )
}
