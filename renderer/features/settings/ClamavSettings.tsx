// ClamAV besides our own engine: whether its service is asked and its databases are used, and whether it answers.
import { Group } from '#shared/ui/Group.tsx'
import { useTopic } from '../../state/mirror.ts'
import { SwitchRow } from './SwitchRow.tsx'
import { useChange } from './use-change.ts'

/** Both are off unless a person wants them: the service costs memory, the databases time. */
export function ClamavSettings() {
  const { clamav } = useTopic('settings')
  const { secondEngine } = useTopic('protection')
  const change = useChange()
  const set = (part: Partial<typeof clamav>) => change({ clamav: { ...clamav, ...part } })
  const state = {
    off: 'Finds more in packed programs. Its service has to run on this computer.',
    ready: `It answers: ${secondEngine.version ?? ''}`,
    unavailable: 'It does not answer. Scans go on without it and list what it did not look at.',
  }[secondEngine.state]
  return (
    <Group title="ClamAV on this computer">
      <SwitchRow title="Ask ClamAV too" detail={state} checked={clamav.ask} onChange={(ask) => set({ ask })} />
      <SwitchRow
        title="Use its databases"
        detail="Those that its updater keeps on this computer, as far as they can be read"
        checked={clamav.databases}
        onChange={(databases) => set({ databases })}
      />
    </Group>
  )
}
