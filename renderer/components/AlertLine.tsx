// One line in the main window about what is asked in a window of its own: a countdown that goes on although that was closed, a
// restart that was put off. Owns which one is shown; brings the window back.
import { IconAlertOctagonFilled, IconClock } from '@tabler/icons-react'
import type { AlertKind } from '#shared/domain/alerts.ts'
import { Banner } from '#shared/ui/Banner.tsx'
import { formatClock } from '#shared/ui/format/duration.ts'
import { formatMomentWithTime } from '#shared/ui/format/time.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { tellFailure, useClient } from '../bridge/client-context.tsx'
import { useTopic } from '../state/mirror.ts'
import { useSharedNow } from './use-shared-now.ts'

export interface Line {
  readonly alert: AlertKind
  readonly text: string
  readonly rest: string
  /** The rest changes all the time, and is not read out. */
  readonly isTicking: boolean
}

/** The graver one; null while nothing is asked that could be overlooked. */
export function useAlertLine(): Line | null {
  const { infection } = useTopic('alerts')
  const { request } = useTopic('restart')
  const now = useSharedNow()
  if (infection?.phase === 'asking') {
    const left = formatClock(Math.ceil(infection.leftMs / 1000) * 1000)
    const begins = infection.byItself === 'nothing' ? `Time to choose: ${left}.` : `Disinfection begins in ${left}.`
    const rest = infection.isPaused ? 'Paused.' : begins
    return { alert: 'infection', text: 'Active infection found.', rest, isTicking: !infection.isPaused }
  }
  if (request?.stage !== 'postponed' || request.againAt === null) return null
  const rest = `Postponed until ${formatMomentWithTime(request.againAt, now)}.`
  return { alert: 'restart', text: `${request.account} asks you to restart this computer.`, rest, isTicking: false }
}

/** With the way back to the window. */
export function AlertLine({ line }: { readonly line: Line }) {
  const client = useClient()
  const isGrave = line.alert === 'infection'
  const Icon = isGrave ? IconAlertOctagonFilled : IconClock
  const show = () => {
    client.call('alert.show', { alert: line.alert }).catch(tellFailure)
  }
  return (
    <Banner
      tone={isGrave ? 'danger' : 'attention'}
      icon={<Icon size={16} stroke={1.6} aria-hidden />}
      action={<LinkButton onClick={show}>Show</LinkButton>}
    >
      <span className="t-strong">{line.text}</span>{' '}
      <span className="t-2 tabular" aria-hidden={line.isTicking || undefined}>
        {line.rest}
      </span>
    </Banner>
  )
}
