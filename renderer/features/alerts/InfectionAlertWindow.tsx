// "Active infection found": a running threat of a local scan, two ways to treat it, and a countdown that can be paused (H3).
// Afterwards what came of it, with the advice to scan again. Owns the window's content; the client counts, treats and restarts.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { alertTitles, type InfectionAlert, type InfectionChoice } from '#shared/domain/alerts.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { infectionSubject } from '#shared/ui/text/alert-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { AlertFrame, useDismiss } from './AlertFrame.tsx'
import { CountdownRing } from './CountdownRing.tsx'
import { InfectionChoices } from './InfectionChoices.tsx'
import { InfectionDone } from './InfectionDone.tsx'
import { PlanDetails } from './PlanDetails.tsx'

/** What the client says, phase by phase. */
export function InfectionAlertWindow() {
  const { infection } = useTopic('alerts')
  const dismiss = useDismiss('infection')
  switch (infection?.phase) {
    case 'asking':
      return <Asking alert={infection} />
    case 'working':
      return <Working alert={infection} />
    case 'done':
      return <InfectionDone alert={infection} onClose={dismiss} />
    case undefined:
      return <AlertFrame status="good" title={alertTitles.infection} />
  }
}

/** The name of what runs, and where it is. */
export function Subject({ alert }: { readonly alert: InfectionAlert }) {
  const { threat, name, folder, process } = infectionSubject(alert)
  return (
    <>
      <p className="alert-running">
        <span className="selectable">{threat}</span> is running as{' '}
        <span className="t-strong wrap-anywhere">{name}</span>
      </p>
      <p className="alert-place t-caption t-3">
        <MiddleCut text={folder} />
        <span>{process}</span>
      </p>
    </>
  )
}

/** The question. */
export function Asking({ alert }: { readonly alert: Extract<InfectionAlert, { phase: 'asking' }> }) {
  const client = useClient()
  const { busy, run } = useAct()
  const [choice, setChoice] = useState<InfectionChoice>(alert.atZero)
  const [isOpen, setOpen] = useState(false)
  const pause = (isPaused: boolean) =>
    run('pause', async () => {
      await client.call('infection.pause', { isPaused })
    })
  const disinfect = () =>
    run('disinfect', async () => {
      await client.call('infection.choose', { choice })
    })
  return (
    <AlertFrame
      status="danger"
      title={alertTitles.infection}
      corner={<CountdownRing leftMs={alert.leftMs} isPaused={alert.isPaused} onPause={pause} />}
      subject={<Subject alert={alert} />}
      aside={<LinkButton onClick={() => setOpen(!isOpen)}>{isOpen ? 'Back' : 'Details'}</LinkButton>}
      actions={
        <Button variant="filled" loading={busy === 'disinfect'} onClick={disinfect}>
          {choice === 'with-restart' ? 'Disinfect and reboot' : 'Disinfect'}
        </Button>
      }
    >
      {isOpen ? (
        <PlanDetails plan={alert.plan} />
      ) : (
        <>
          <InfectionChoices choice={choice} atZero={alert.atZero} byItself={alert.byItself} onChoose={setChoice} />
          <p className="t-caption t-3">
            {alert.isPaused ? 'Paused. Click the timer to go on.' : 'Click the timer to pause it.'} A copy goes to
            Quarantine first.
          </p>
        </>
      )}
    </AlertFrame>
  )
}

function Working({ alert }: { readonly alert: InfectionAlert }) {
  return (
    <AlertFrame status="busy" title="Disinfecting" subject={<Subject alert={alert} />}>
      <p className="t-2" role="status">
        What runs is ended, what starts it is removed, and the file is treated. Copies go to Quarantine first.
      </p>
    </AlertFrame>
  )
}
