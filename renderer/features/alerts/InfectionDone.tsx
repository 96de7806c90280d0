// What came of the treatment of an active infection, and the next step: a new scan, a restart, or the list of objects.
// Owns which step is offered.
import { Button } from '@mantine/core'
import { useState } from 'react'
import type { InfectionAlert } from '#shared/domain/alerts.ts'
import { codeOf } from '#shared/errors.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { infectionEnd } from '#shared/ui/text/alert-text.ts'
import { errorText } from '#shared/ui/text/error-text.ts'
import { isCancelled, useClient } from '../../bridge/client-context.tsx'
import { AlertFrame } from './AlertFrame.tsx'

export interface InfectionDoneProps {
  readonly alert: Extract<InfectionAlert, { phase: 'done' }>
  readonly onClose: () => void
}

/** The scan is advised unless a restart comes first. */
export function InfectionDone({ alert, onClose }: InfectionDoneProps) {
  const { status, title, sentences } = infectionEnd(alert)
  const [failure, setFailure] = useState<unknown>(null)
  return (
    <AlertFrame
      status={status}
      title={title}
      subject={
        <div className="alert-sentences" role="status">
          {sentences.map((sentence) => (
            <p key={sentence} className="t-2">
              {sentence}
            </p>
          ))}
        </div>
      }
      aside={alert.restart === 'asked' ? undefined : <LinkButton onClick={onClose}>Close</LinkButton>}
      actions={<NextSteps alert={alert} onFailure={setFailure} onClose={onClose} />}
    >
      {failure !== null && (
        <p className="t-red" role="alert">
          {errorText(failure).title}. {errorText(failure).todo}
        </p>
      )}
      <ul className="alert-objects">
        {alert.objects.map(({ id, path, threat }) => (
          <li key={id}>
            <MiddleCut text={path} />
            <span className="t-caption t-3">{threat}</span>
          </li>
        ))}
      </ul>
    </AlertFrame>
  )
}

/** Then that one is shown. */
function unlessOneRuns(error: unknown): void {
  if (codeOf(error) !== 'already-running') throw error
}

interface NextStepsProps extends InfectionDoneProps {
  readonly onFailure: (failure: unknown) => void
}

function NextSteps({ alert, onFailure, onClose }: NextStepsProps) {
  const client = useClient()
  const [busy, setBusy] = useState<string | null>(null)
  const run = (name: string, act: () => Promise<unknown>) => {
    setBusy(name)
    onFailure(null)
    act()
      .catch((error: unknown) => {
        if (!isCancelled(error)) onFailure(error)
      })
      .finally(() => setBusy(null))
  }
  const openMain = () => client.call('window.openMain', {})
  const scan = async () => {
    await client.call('scan.start', { type: 'full' }).catch(unlessOneRuns)
    await openMain()
    onClose()
  }
  const review = async () => {
    await openMain()
    onClose()
  }
  if (alert.restart === 'asked') return null
  const isRestartNext = alert.needRestart > 0 || alert.restart === 'refused'
  return (
    <>
      {alert.failed > 0 && (
        <Button loading={busy === 'review'} onClick={() => run('review', review)}>
          Review
        </Button>
      )}
      <Button
        variant={isRestartNext ? 'default' : 'filled'}
        loading={busy === 'scan'}
        onClick={() => run('scan', scan)}
      >
        Full Scan
      </Button>
      {isRestartNext && (
        <Button
          variant="filled"
          loading={busy === 'restart'}
          onClick={() => run('restart', () => client.call('restart.now', {}))}
        >
          Restart computer
        </Button>
      )}
    </>
  )
}
