// The checkbox of a row or of a list's head. A native one: lists draw hundreds of them.

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
    <input
      type="checkbox"
      className="row-checkbox"
      aria-label={label}
      checked={checked}
      ref={(input) => {
        if (input !== null) input.indeterminate = indeterminate
      }}
      onClick={(event) => onToggle(event.shiftKey)}
      // The click says whether Shift was held; the change does not.
      onChange={() => undefined}
    />
  )
}
