// "Restart asked for": the owner asks from the portal, and the person here restarts, puts it off or declines. Nothing happens
// without an answer, and there is no countdown. Owns the window's content.
import { Button, Menu } from '@mantine/core'
import { IconChevronDown } from '@tabler/icons-react'
import { useState } from 'react'
import { brand } from '#shared/brand.ts'
import { alertTitles } from '#shared/domain/alerts.ts'
import type { RestartTopic } from '#shared/domain/app-state.ts'
import { postponements, type RestartAnswer, type RestartRequest } from '#shared/domain/restart.ts'
import { ProductError } from '#shared/errors.ts'
import { formatMomentWithTime, formatTime } from '#shared/ui/format/time.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { postponementLabel } from '#shared/ui/text/restart-text.ts'
import { useNow } from '#shared/ui/use-now.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { AlertFrame, useDismiss } from './AlertFrame.tsx'

const refused = new ProductError('restart-refused')

/** Empty for the moment between the answer and the end of the window. */
export function RestartAlertWindow() {
  const { request, pending } = useTopic('restart')
  useDismiss('restart')
  if (request === null) return <AlertFrame status="attention" title={alertTitles.restart} />
  return request.stage === 'restarting' ? (
    <AlertFrame status="busy" title="Restarting…" subject={<p className="t-2">All programs close now.</p>} />
  ) : (
    <Asked request={request} pending={pending} />
  )
}

export interface AskedProps {
  readonly request: RestartRequest
  readonly pending: RestartTopic['pending']
}

/** Who asks, why, and the three answers. */
export function Asked({ request, pending }: AskedProps) {
  const client = useClient()
  const now = useNow()
  const [busy, setBusy] = useState<RestartAnswer['kind'] | null>(null)
  const [failure, setFailure] = useState<unknown>(null)
  const answer = (given: RestartAnswer) => {
    setBusy(given.kind)
    setFailure(null)
    client
      .call('restart.answer', given)
      .catch(setFailure)
      .finally(() => setBusy(null))
  }
  const problem = failure ?? (request.stage === 'refused' ? refused : null)
  return (
    <AlertFrame
      status="attention"
      title={alertTitles.restart}
      subject={
        <>
          <p className="alert-running">
            <span className="t-strong wrap-anywhere">{request.account}</span> asks you to restart this computer.
          </p>
          <p className="t-caption t-3">
            From {brand.portal}, {formatMomentWithTime(request.askedAt, now)}
          </p>
        </>
      }
      aside={
        <LinkButton disabled={busy !== null} onClick={() => answer({ kind: 'decline' })}>
          Decline
        </LinkButton>
      }
      actions={
        <>
          <PostponeMenu now={now} busy={busy} onAnswer={answer} />
          <Button
            variant="filled"
            loading={busy === 'now'}
            disabled={busy !== null && busy !== 'now'}
            onClick={() => answer({ kind: 'now' })}
          >
            Restart now
          </Button>
        </>
      }
    >
      <div className="alert-sentences t-2">
        {pending.length > 0 && <p>{pendingText(pending)}</p>}
        <p>Save your work first: a restart closes all programs. Nothing happens until you choose.</p>
      </div>
      {problem !== null && (
        <p className="t-red" role="alert">
          {errorText(problem).title}. {errorText(problem).todo}
        </p>
      )}
    </AlertFrame>
  )
}

interface PostponeMenuProps {
  readonly now: Date
  readonly busy: RestartAnswer['kind'] | null
  readonly onAnswer: (answer: RestartAnswer) => void
}

function PostponeMenu({ now, busy, onAnswer }: PostponeMenuProps) {
  return (
    <Menu position="top-end">
      <Menu.Target>
        <Button
          loading={busy === 'postpone'}
          disabled={busy !== null && busy !== 'postpone'}
          rightSection={<IconChevronDown size={16} stroke={1.8} />}
        >
          Postpone
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {postponements.map((minutes) => (
          <Menu.Item key={minutes} onClick={() => onAnswer({ kind: 'postpone', minutes })}>
            <span className="alert-later">
              {postponementLabel(minutes)}
              <span className="t-3 tabular">
                {formatTime(new Date(now.getTime() + minutes * 60_000).toISOString())}
              </span>
            </span>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

function pendingText(pending: RestartTopic['pending']): string {
  const [first] = pending
  const more = pending.length > 1 ? ` and ${pending.length - 1} more` : ''
  return `The restart finishes the disinfection of ${first?.name ?? ''}${more}.`
}
