// A setting that is on or off, as a row with a switch. Owns the arrangement only.
import { Switch } from '@mantine/core'
import { useId } from 'react'
import { Row } from '#shared/ui/Row.tsx'

export interface SwitchRowProps {
  readonly title: string
  readonly detail: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean) => void
}

/** The title is the label of the switch. */
export function SwitchRow({ title, detail, checked, disabled = false, onChange }: SwitchRowProps) {
  const id = useId()
  return (
    <Row
      title={<label htmlFor={id}>{title}</label>}
      detail={detail}
      actions={
        <Switch
          id={id}
          withThumbIndicator={false}
          checked={checked}
          disabled={disabled}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      }
    />
  )
}
