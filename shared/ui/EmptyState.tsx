// Why there is nothing here, what fills it, and one action if that helps. Owns the arrangement only.
import { IconSearch } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Mark } from './Mark.tsx'

export interface EmptyStateProps {
  /** `good`: nothing to do, and that is well. `search`: a filter hides everything. */
  readonly kind: 'good' | 'search' | 'plain'
  /** Replaces the picture of the kind. */
  readonly icon?: ReactNode
  readonly title: string
  readonly detail?: ReactNode
  readonly action?: ReactNode
}

const pictures: Record<EmptyStateProps['kind'], ReactNode> = {
  good: <Mark state="protected" size={48} />,
  search: <IconSearch size={32} stroke={1.6} aria-hidden />,
  plain: undefined,
}

/** Stands where the list would be. */
export function EmptyState({ kind, icon, title, detail, action }: EmptyStateProps) {
  const picture = icon ?? pictures[kind]
  return (
    <div className="ui-empty">
      {picture !== undefined && <div className="ui-empty-icon">{picture}</div>}
      <p className="t-head">{title}</p>
      {detail !== undefined && <p className="ui-empty-detail">{detail}</p>}
      {action !== undefined && <div className="ui-empty-action">{action}</div>}
    </div>
  )
}
