// Notifications, and light or dark.
import type { AppSettings } from '#shared/domain/app-state.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { SegmentedFilter } from '#shared/ui/SegmentedFilter.tsx'
import { useTopic } from '../../state/mirror.ts'
import { SwitchRow } from './SwitchRow.tsx'
import { useChange } from './use-change.ts'

/** Everything that is not about scans. */
export function GeneralSettings() {
  const { notifyOnRemoteScan, theme } = useTopic('settings')
  const change = useChange()
  return (
    <Group title="General">
      <SwitchRow
        title="Notify when a scan is started remotely"
        detail="Off: only the line in this window and the tray say so."
        checked={notifyOnRemoteScan}
        onChange={(on) => change({ notifyOnRemoteScan: on })}
      />
      <Row
        title="Appearance"
        detail="System follows the setting of the computer"
        actions={
          <SegmentedFilter<AppSettings['theme']>
            label="Appearance"
            value={theme}
            onChange={(chosen) => change({ theme: chosen })}
            options={[
              { value: 'system', label: 'System' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        }
      />
    </Group>
  )
}
