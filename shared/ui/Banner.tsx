// One line about the state of the whole page, under the bar. Show only the worst one. Owns the arrangement only.
import type { ReactNode } from 'react'

export interface BannerProps {
  readonly tone: 'info' | 'attention' | 'danger'
  readonly icon?: ReactNode
  readonly children: ReactNode
  readonly action?: ReactNode
}

/** Red ones are announced assertively, others politely. */
export function Banner({ tone, icon, children, action }: BannerProps) {
  return (
    <div className="ui-banner" data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
      {icon !== undefined && <span className="ui-banner-icon">{icon}</span>}
      <span className="ui-banner-text">{children}</span>
      {action}
    </div>
  )
}
