// What failed, why, what to do; in place of the part that failed. Owns the arrangement; words come from text/error-text.ts.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { StatusIcon } from './StatusIcon.tsx'

export interface ErrorStateProps {
  readonly title: string
  readonly detail: string
  readonly onRetry?: () => void
  readonly retryLabel?: string
  /** A second way on, as a link. */
  readonly other?: ReactNode
}

/** Announced at once. */
export function ErrorState({ title, detail, onRetry, retryLabel = 'Try again', other }: ErrorStateProps) {
  return (
    <div className="ui-error" role="alert">
      <div className="ui-error-head">
        <StatusIcon status="danger" />
        <p className="t-head">{title}</p>
      </div>
      <p className="ui-error-detail">{detail}</p>
      {(onRetry !== undefined || other !== undefined) && (
        <div className="ui-error-actions">
          {onRetry !== undefined && <Button onClick={onRetry}>{retryLabel}</Button>}
          {other}
        </div>
      )}
    </div>
  )
}
