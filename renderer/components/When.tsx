// A moment as people read it, with the exact one in the tooltip. Owns the element; the words come from the kit.
import { capitalise, formatExact, formatMoment, formatMomentWithTime, formatWhen } from '#shared/ui/format/time.ts'
import { useNow } from '#shared/ui/use-now.ts'

export interface WhenProps {
  readonly at: string
  /** `relative`: 12 min ago; `moment`: today 14:31, 19 Nov; `time`: always with the time of day. */
  readonly form?: 'relative' | 'moment' | 'time'
  /** For a time that stands alone. */
  readonly capital?: boolean
}

const formats = { relative: formatWhen, moment: formatMoment, time: formatMomentWithTime } as const

/** Keeps itself up to date. */
export function When({ at, form = 'moment', capital = false }: WhenProps) {
  const now = useNow()
  const text = formats[form](at, now)
  return (
    <time dateTime={at} title={formatExact(at)}>
      {capital ? capitalise(text) : text}
    </time>
  )
}
