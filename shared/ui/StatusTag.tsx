// Status as icon and word. Owns their arrangement only.
import type { ReactNode } from 'react'
import { StatusIcon, type StatusKind } from './StatusIcon.tsx'

export interface StatusTagProps {
  readonly status: StatusKind
  /** Soft background, for the one tag beside a page title. */
  readonly soft?: boolean
  readonly children: ReactNode
}

/** Icon, then word, then colour. */
export function StatusTag({ status, soft = false, children }: StatusTagProps) {
  return (
    <span className="ui-status-tag" data-status={status} data-soft={soft || undefined}>
      <StatusIcon status={status} size={14} />
      <span>{children}</span>
    </span>
  )
}
