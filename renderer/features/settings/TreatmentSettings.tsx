// Action on threat detection (G6): ask, or act by itself; a copy is always kept first.
import { Group } from '#shared/ui/Group.tsx'
import { useTopic } from '../../state/mirror.ts'
import { SwitchRow } from './SwitchRow.tsx'
import { useChange } from './use-change.ts'

/** For scans that are started on this computer; remote ones always act by themselves. */
export function TreatmentSettings() {
  const { treatment, activeInfection } = useTopic('settings')
  const change = useChange()
  const set = (part: Partial<typeof treatment>) => change({ treatment: { ...treatment, ...part } })
  return (
    <Group title="Action on threat detection">
      <SwitchRow
        title="Select action automatically"
        detail="Off: you are asked about each object. Scans started remotely never ask."
        checked={treatment.automatic}
        onChange={(automatic) => set({ automatic })}
      />
      <SwitchRow
        title="Disinfect"
        detail="Cures the object where that is possible. A copy is kept in Quarantine."
        checked={treatment.disinfect}
        onChange={(disinfect) => set({ disinfect })}
      />
      <SwitchRow
        title="Delete if disinfection fails"
        detail="A copy is kept in Quarantine, so it can be undone."
        checked={treatment.deleteIfDisinfectionFails}
        onChange={(deleteIfDisinfectionFails) => set({ deleteIfDisinfectionFails })}
      />
      <SwitchRow
        title="Delete archives that cannot be disinfected"
        detail="Off: they are kept and listed. On: everything in them goes too; a copy is kept in Quarantine."
        checked={treatment.deleteIfDisinfectionFails && treatment.archives === 'delete'}
        disabled={!treatment.deleteIfDisinfectionFails}
        onChange={(isOn) => set({ archives: isOn ? 'delete' : 'skip' })}
      />
      <SwitchRow
        title="Treat suspicious objects too"
        detail="Off: probably infected objects and other risky software are kept and listed."
        checked={treatment.treatSuspicious}
        onChange={(treatSuspicious) => set({ treatSuspicious })}
      />
      <SwitchRow
        title="Restart by itself after an active infection"
        detail="Off: when nobody chooses within two minutes, the treatment is tried without a restart."
        checked={activeInfection.restartAtZero}
        onChange={(restartAtZero) => change({ activeInfection: { restartAtZero } })}
      />
    </Group>
  )
}
