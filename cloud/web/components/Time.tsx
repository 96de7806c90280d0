// A moment in the words of the product, with the exact time in its tooltip. Owns the element only.
import { formatExact } from '#shared/ui/format/time.ts'

export interface TimeProps {
  readonly at: string
  /** Turns the moment into words. */
  readonly text: string
}

/** Machine-readable too. */
export function Time({ at, text }: TimeProps) {
  return (
    <time dateTime={at} title={formatExact(at)} className="tabular">
      {text}
    </time>
  )
}
