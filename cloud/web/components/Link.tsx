// A link to another screen of the page: a real address, so that it can be opened in a new tab. Owns the click only.
import type { MouseEvent, ReactNode } from 'react'
import { navigate } from '../state/route.ts'

export interface LinkProps {
  readonly to: string
  readonly className?: string
  readonly current?: boolean
  readonly label?: string
  readonly children: ReactNode
}

/** Leaves clicks with a modifier to the browser. */
export function Link({ to, className = 'ui-link', current = false, label, children }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0) return
    event.preventDefault()
    navigate(to)
  }
  return (
    <a href={to} className={className} onClick={follow} aria-current={current ? 'page' : undefined} aria-label={label}>
      {children}
    </a>
  )
}
