// Everything that happened to one detected object, from its detection to its end, oldest first: when, what, who asked.
// Owns the arrangement; the words are text/history-text.ts's, the moments each user interface's own.
import type { ReactNode } from 'react'
import type { Detection } from '#shared/domain/detection.ts'
import { stepText } from './text/history-text.ts'

export interface ObjectHistoryProps {
  readonly detection: Pick<Detection, 'history' | 'scanType' | 'risk' | 'quarantineId'>
  /** The element for a moment. */
  readonly time: (at: string) => ReactNode
  /** The reader's address, so that it says "by you". */
  readonly self?: string | undefined
}

export function ObjectHistory({ detection, time, self }: ObjectHistoryProps) {
  return (
    <ol className="ui-history">
      {detection.history.map((step, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: steps are only ever added at the end
        <li key={index}>
          <span className="t-3 tabular">{time(step.at)}</span>
          <span className="wrap-anywhere">{stepText(detection, step, self)}</span>
        </li>
      ))}
    </ol>
  )
}
