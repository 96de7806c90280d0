// A moment as people read it, with the exact one in the tooltip. Owns the element; the words come from the kit.
import { capitalise, formatExact, formatMoment, formatMomentWithTime, formatWhen } from '#shared/ui/format/time.ts'
import { useSharedNow } from './use-shared-now.ts'

export interface WhenProps {
  readonly at: string
  /** `relative`: 12 min ago; `short`: 14:31, yesterday, 19 Nov; `moment`: today 14:31, 19 Nov; `time`: always with the time of day. */
  readonly form?: 'relative' | 'short' | 'moment' | 'time'
  /** For a time that stands alone. */
  readonly capital?: boolean
}

const short = (at: string, now: Date) =>
  formatMoment(at, now)
    .replace(/^today /, '')
    .replace(/^(yesterday) .*/, '$1')
const formats = { relative: formatWhen, short, moment: formatMoment, time: formatMomentWithTime } as const

/** Keeps itself up to date. */
export function When({ at, form = 'moment', capital = false }: WhenProps) {
  const now = useSharedNow()
  const text = formats[form](at, now)
  return (
    <time dateTime={at} title={formatExact(at)}>
      {capital ? capitalise(text) : text}
    </time>
  )
}
