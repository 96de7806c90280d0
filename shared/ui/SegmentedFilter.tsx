// Up to four exclusive views of one list, with counts. Owns a radio group; the caller owns the value.
import { type ReactNode, useId } from 'react'
import { formatCount } from './format/count.ts'

export interface FilterOption<V extends string> {
  readonly value: V
  readonly label: string
  readonly count?: number
  /** Instead of the label on screen; the label is then its name for screen readers. */
  readonly icon?: ReactNode
}

export interface SegmentedFilterProps<V extends string> {
  /** What is filtered, for screen readers. */
  readonly label: string
  readonly options: readonly FilterOption<V>[]
  readonly value: V
  readonly onChange: (value: V) => void
}

/** Zero counts stay visible. */
export function SegmentedFilter<V extends string>({ label, options, value, onChange }: SegmentedFilterProps<V>) {
  const name = useId()
  return (
    <fieldset className="ui-segments" aria-label={label}>
      {options.map((option) => (
        <label key={option.value} className="ui-segment" title={option.icon === undefined ? undefined : option.label}>
          <input
            type="radio"
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            {...(option.icon === undefined ? {} : { 'aria-label': option.label })}
          />
          {option.icon ?? <span>{option.label}</span>}
          {option.count !== undefined && <span className="tabular">{formatCount(option.count)}</span>}
        </label>
      ))}
    </fieldset>
  )
}
