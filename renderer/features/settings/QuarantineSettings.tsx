// How long copies in Quarantine are kept, how much room they may take, and how much they take now.
import { Select } from '@mantine/core'
import {
  keptForever,
  quarantineBytesChoices,
  retentionChoices,
  unlimitedBytes,
} from '#shared/domain/quarantine-limits.ts'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { plural } from '#shared/ui/format/count.ts'
import { Group } from '#shared/ui/Group.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Row } from '#shared/ui/Row.tsx'
import { useTopic } from '../../state/mirror.ts'
import { goTo } from '../../state/navigation.ts'
import { useChange } from './use-change.ts'

/** Copies younger than that are never removed to make room. */
export function QuarantineSettings() {
  const { quarantine } = useTopic('settings')
  const { count, storeBytes } = useTopic('quarantine')
  const change = useChange()
  const set = (part: Partial<typeof quarantine>) => change({ quarantine: { ...quarantine, ...part } })
  return (
    <Group title="Quarantine" action={<LinkButton onClick={() => goTo('quarantine')}>Open Quarantine</LinkButton>}>
      <NumberChoice
        id="retention"
        title="Keep copies for"
        detail="Older copies are deleted. What was done can be undone for as long."
        value={quarantine.retentionDays}
        choices={[...retentionChoices, keptForever]}
        textOf={(days) => (days >= keptForever ? 'No limit' : plural(days, 'day', 'days'))}
        onChange={(retentionDays) => set({ retentionDays })}
      />
      <NumberChoice
        id="quarantine-size"
        title="Largest size of all copies"
        detail={`In use: ${formatBytes(storeBytes)}, ${plural(count, 'object', 'objects')}. When it is full, objects are not touched.`}
        value={quarantine.limitBytes}
        choices={[...quarantineBytesChoices, unlimitedBytes]}
        textOf={(bytes) => (bytes >= unlimitedBytes ? 'No limit' : formatBytes(bytes))}
        onChange={(limitBytes) => set({ limitBytes })}
      />
    </Group>
  )
}

interface NumberChoiceProps {
  readonly id: string
  readonly title: string
  readonly detail: string
  readonly value: number
  readonly choices: readonly number[]
  readonly textOf: (value: number) => string
  readonly onChange: (value: number) => void
}

/** What is set stays a choice, also where it is none of the usual ones. */
function NumberChoice({ id, title, detail, value, choices, textOf, onChange }: NumberChoiceProps) {
  const all = [...new Set([...choices, value])].sort((a, b) => a - b)
  return (
    <Row
      title={<label htmlFor={id}>{title}</label>}
      detail={detail}
      actions={
        <Select
          id={id}
          className="settings-number"
          size="sm"
          allowDeselect={false}
          data={all.map((each) => ({ value: String(each), label: textOf(each) }))}
          value={String(value)}
          onChange={(chosen) => {
            if (chosen !== null) onChange(Number(chosen))
          }}
        />
      }
    />
  )
}
