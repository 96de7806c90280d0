// Status chips with counts, one chosen. Owns a radio group; the caller owns the value.
import { useId } from 'react'
import { formatCount } from './format/count.ts'
import { StatusIcon, type StatusKind } from './StatusIcon.tsx'

export interface ChipOption<V extends string> {
  readonly value: V
  readonly label: string
  readonly count: number
  readonly status?: StatusKind
}

export interface ChipFilterProps<V extends string> {
  readonly label: string
  readonly options: readonly ChipOption<V>[]
  readonly value: V
  readonly onChange: (value: V) => void
}

/** Zero counts stay visible, disabled, unless chosen. */
export function ChipFilter<V extends string>({ label, options, value, onChange }: ChipFilterProps<V>) {
  const name = useId()
  return (
    <fieldset className="ui-chips" aria-label={label}>
      {options.map((option, index) => (
        <label key={option.value} className="ui-chip">
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            disabled={index > 0 && option.count === 0 && option.value !== value}
            onChange={() => onChange(option.value)}
          />
          {option.status !== undefined && <StatusIcon status={option.status} />}
          <span>{option.label}</span>
          <span className="ui-chip-count">{formatCount(option.count)}</span>
        </label>
      ))}
    </fieldset>
  )
}
