// What scans look at: own areas instead of the built-in ones, exclusions, and the load of remote scans.
import { NumberInput } from '@mantine/core'
import { Group } from '#shared/ui/Group.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { useTopic } from '../../state/mirror.ts'
import { AllowedContents } from './AllowedContents.tsx'
import { PathList } from './PathList.tsx'
import { useChange } from './use-change.ts'

/** Exclusions hold in every scan, also in remote ones. */
export function ScanSettings() {
  const { scan } = useTopic('settings')
  const change = useChange()
  const set = (part: Partial<typeof scan>) => change({ scan: { ...scan, ...part } })
  return (
    <Group title="Scans">
      <PathList
        title="Quick Scan areas"
        whenEmpty="The places threats start from"
        paths={scan.quickAreas}
        onChange={(quickAreas) => set({ quickAreas })}
      />
      <PathList
        title="Full Scan areas"
        whenEmpty="Everything on this computer and its drives"
        paths={scan.fullAreas}
        onChange={(fullAreas) => set({ fullAreas })}
      />
      <PathList
        title="Exclusions"
        whenEmpty="Nothing is excluded. Exclusions hold in all scans, also in those started remotely."
        paths={scan.exclude}
        onChange={(exclude) => set({ exclude })}
      />
      <AllowedContents />
      <Row
        title={<label htmlFor="load">CPU limit of remote scans</label>}
        detail="Share of the computer's time that a scan started remotely may use"
        actions={
          <NumberInput
            id="load"
            className="settings-number"
            size="sm"
            min={10}
            max={100}
            step={10}
            clampBehavior="strict"
            allowDecimal={false}
            suffix=" %"
            value={scan.remoteLoadCeilingPercent}
            onBlur={(event) => {
              const value = Number.parseInt(event.currentTarget.value, 10)
              if (value >= 10 && value <= 100 && value !== scan.remoteLoadCeilingPercent)
                set({ remoteLoadCeilingPercent: value })
            }}
          />
        }
      />
    </Group>
  )
}
