// The checkbox of a row or of a list's head: square, 16 px, with Shift for ranges. Owns the look only.
import { Checkbox } from '@mantine/core'

export interface RowCheckboxProps {
  readonly label: string
  readonly checked: boolean
  readonly indeterminate?: boolean
  /** `isRange`: Shift was held. */
  readonly onToggle: (isRange: boolean) => void
}

/** Its label is for screen readers; the row says the rest. */
export function RowCheckbox({ label, checked, indeterminate = false, onToggle }: RowCheckboxProps) {
  return (
    <Checkbox
      size="xs"
      radius={4}
      classNames={{ input: 'row-checkbox' }}
      aria-label={label}
      checked={checked}
      indeterminate={indeterminate}
      onClick={(event) => onToggle(event.shiftKey)}
      // The click says whether Shift was held; the change does not.
      onChange={() => undefined}
    />
  )
}
