// The frame of every alert window: head with icon and title, what it is about, a foot with the actions. Esc closes it.
// Owns the arrangement; never the words.
import { type ReactNode, useCallback, useEffect, useId } from 'react'
import type { AlertKind } from '#shared/domain/alerts.ts'
import { StatusIcon, type StatusKind } from '#shared/ui/StatusIcon.tsx'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'
import './alerts.css'

export interface AlertFrameProps {
  readonly status: StatusKind
  readonly title: string
  /** At the right of the title. */
  readonly corner?: ReactNode
  /** Under the title, read out with it. */
  readonly subject?: ReactNode
  /** Above the rest of the content, read out with the title too. */
  readonly facts?: ReactNode
  readonly children?: ReactNode
  /** At the left end of the foot. */
  readonly aside?: ReactNode
  /** At the right end; the main action last. */
  readonly actions?: ReactNode
}

/** What is longer than the window scrolls; head and foot stay. */
export function AlertFrame({ status, title, corner, subject, facts, children, aside, actions }: AlertFrameProps) {
  const titleId = useId()
  const subjectId = useId()
  const factsId = useId()
  const about = [subject === undefined ? '' : subjectId, facts === undefined ? '' : factsId].filter(Boolean).join(' ')
  return (
    <main
      className="alert"
      role="alertdialog"
      aria-labelledby={titleId}
      {...(about === '' ? {} : { 'aria-describedby': about })}
    >
      <div className="alert-body">
        <header className="alert-head">
          <div className="alert-names">
            <h1 className="alert-title" id={titleId}>
              <StatusIcon status={status} size={16} />
              <span>{title}</span>
            </h1>
            {subject !== undefined && <div id={subjectId}>{subject}</div>}
          </div>
          {corner}
        </header>
        <div className="alert-scroll">
          {facts !== undefined && <div id={factsId}>{facts}</div>}
          {children}
        </div>
      </div>
      <footer className="alert-foot">
        <div className="alert-aside">{aside}</div>
        <div className="alert-actions">{actions}</div>
      </footer>
    </main>
  )
}

/** Closes the window without an answer; also for the Esc key, which closes an open menu first. */
export function useDismiss(alert: AlertKind): () => void {
  const client = useClient()
  const dismiss = useCallback(() => {
    client.call('alert.dismiss', { alert }).catch(tellFailure)
  }, [client, alert])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('[role="menu"]') === null) dismiss()
    }
    window.addEventListener('keydown', onKey, { capture: true })
    return () => window.removeEventListener('keydown', onKey, { capture: true })
  }, [dismiss])
  return dismiss
}
