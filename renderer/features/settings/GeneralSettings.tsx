// How long copies are kept, notifications, and light or dark.
import { NumberInput } from '@mantine/core'
import type { AppSettings } from '#shared/domain/app-state.ts'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { SegmentedFilter } from '#shared/ui/SegmentedFilter.tsx'
import { useTopic } from '../../state/mirror.ts'
import { SwitchRow } from './SwitchRow.tsx'
import { useChange } from './use-change.ts'

/** Everything that is not about scans. */
export function GeneralSettings() {
  const { quarantine, notifyOnRemoteScan, theme } = useTopic('settings')
  const change = useChange()
  return (
    <Group title="General">
      <Row
        title={<label htmlFor="retention">Keep Quarantine copies for</label>}
        detail="Older copies are deleted"
        actions={
          <NumberInput
            id="retention"
            className="settings-number"
            size="sm"
            min={1}
            max={36_500}
            clampBehavior="strict"
            allowDecimal={false}
            suffix=" days"
            value={quarantine.retentionDays}
            onBlur={(event) => {
              const value = Number.parseInt(event.currentTarget.value, 10)
              if (value >= 1 && value <= 36_500 && value !== quarantine.retentionDays)
                change({ quarantine: { retentionDays: value } })
            }}
          />
        }
      />
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
