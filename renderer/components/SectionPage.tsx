// The frame of a section: bar with title and status pill, at most one banner, and what scrolls under them.
import { type ReactNode, useEffect, useRef } from 'react'
import { StateLine } from './StateLine.tsx'
import { StatusPill } from './StatusPill.tsx'

export interface SectionPageProps {
  readonly title: string
  /** The Security section shows the scan itself. */
  readonly withoutRemoteLine?: boolean
  readonly children: ReactNode
}

/** Moves the focus to its title, so that a screen reader tells where one is. */
export function SectionPage({ title, withoutRemoteLine = false, children }: SectionPageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <main className="app-section">
      <header className="app-bar">
        <h1 className="app-bar-title" ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <StatusPill />
      </header>
      <StateLine withoutRemoteLine={withoutRemoteLine} />
      <div className="app-scroll">
        <div className="app-content">{children}</div>
      </div>
    </main>
  )
}
