// A name, its value, and at most one link at the right. Owns the arrangement only.
import type { ReactNode } from 'react'

export interface FactRowProps {
  readonly name: string
  readonly action?: ReactNode
  readonly children: ReactNode
}

/** A row inside Group. */
export function FactRow({ name, action, children }: FactRowProps) {
  return (
    <div className="fact-row">
      <span className="t-3">{name}</span>
      <div className="fact-value">{children}</div>
      {action}
    </div>
  )
}
