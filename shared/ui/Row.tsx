// One row of a group: icon, two lines, values, actions. Owns the arrangement; never the data.
import type { ReactNode } from 'react'

export interface RowProps {
  readonly icon?: ReactNode
  readonly title: ReactNode
  /** Second line, caption. */
  readonly detail?: ReactNode
  /** Numbers and times, before the actions. */
  readonly values?: ReactNode
  /** One recommended action, the rest in a menu. */
  readonly actions?: ReactNode
  readonly strong?: boolean
  /** Aligns icon and actions with the first line; for rows whose text may wrap. */
  readonly top?: boolean
}

/** A row inside Group. */
export function Row({ icon, title, detail, values, actions, strong = false, top = false }: RowProps) {
  return (
    <div className="ui-row" data-top={top || undefined}>
      {icon !== undefined && <span className="ui-row-icon">{icon}</span>}
      <div className="ui-row-main">
        <div className={strong ? 'ui-row-title t-strong' : 'ui-row-title'}>{title}</div>
        {detail !== undefined && <div className="ui-row-detail">{detail}</div>}
      </div>
      {values !== undefined && <div className="ui-row-values">{values}</div>}
      {actions !== undefined && <div className="ui-row-actions">{actions}</div>}
    </div>
  )
}
