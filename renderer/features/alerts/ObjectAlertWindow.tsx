// "Object detected": one object of a local scan that asks, its evidence, and four actions, for it or for all that wait (H1).
// Owns the window's content; which object is asked about is the client's business.
import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import { alertTitles, type ObjectAlert, type ObjectAlertAction } from '#shared/domain/alerts.ts'
import { actionsFor, type Detection } from '#shared/domain/detection.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { adviceText } from '#shared/ui/text/advice-text.ts'
import { deleteNote } from '#shared/ui/text/alert-text.ts'
import {
  actionLabel,
  detectionStateText,
  objectName,
  recommendedAction,
  riskLabel,
} from '#shared/ui/text/state-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { AlertFrame, useDismiss } from './AlertFrame.tsx'
import { ObjectEvidence, ObjectFacts } from './ObjectFacts.tsx'
import { useArmed } from './use-armed.ts'

/** Empty for the moment between the last answer and the end of the window. */
export function ObjectAlertWindow() {
  const { object } = useTopic('alerts')
  useDismiss('object')
  return object === null ? <AlertFrame status="good" title={alertTitles.object} /> : <Asked alert={object} />
}

/** What is asked about one object. */
export function Asked({ alert }: { readonly alert: ObjectAlert }) {
  const { detection, position, total, waiting } = alert
  const [forAll, setForAll] = useState(false)
  const [isOpen, setOpen] = useState(false)
  const { id } = detection
  // biome-ignore lint/correctness/useExhaustiveDependencies: another object begins closed
  useEffect(() => setOpen(false), [id])
  return (
    <AlertFrame
      status={detectionStateText({ ...detection, state: 'found', busy: false }).status}
      title={alertTitles.object}
      corner={
        <span className="t-3 tabular">
          {formatCount(position)} of {formatCount(total)}
        </span>
      }
      facts={<ObjectFacts detection={detection} />}
      aside={<SkipLink alert={alert} forAll={forAll} />}
      actions={<Actions alert={alert} forAll={forAll} />}
    >
      <p className="visually-hidden" role="status">
        {objectSentence(alert)}
      </p>
      <Outcome detection={detection} />
      <div className="alert-line">
        <button type="button" className="ui-link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {isOpen ? 'Hide details' : 'Show details'}
        </button>
        {waiting > 1 && (
          <label className="alert-check">
            <input
              type="checkbox"
              className="row-checkbox"
              checked={forAll}
              onChange={(event) => setForAll(event.currentTarget.checked)}
            />
            Do the same for all {formatCount(waiting)} objects
          </label>
        )}
      </div>
      {isOpen ? <ObjectEvidence detection={detection} /> : <p className="t-caption t-3">{deleteNote(detection)}</p>}
    </AlertFrame>
  )
}

/** What a screen reader says when the next object takes the place of the one before. */
function objectSentence({ detection, position, total }: ObjectAlert): string {
  const { threat, risk } = detection
  const { name } = objectName(detection)
  return `Object ${formatCount(position)} of ${formatCount(total)}: ${name}, ${threat}, ${riskLabel(risk).toLowerCase()}`
}

/** Why the last act on it did not work. */
function Outcome({ detection }: { readonly detection: Detection }) {
  const { state, busy } = detection
  if (busy || state === 'found' || state === 'kept') return null
  return (
    <p className="t-red alert-outcome" role="alert">
      {detectionStateText(detection).text}. {adviceText(detection, 'alert') ?? ''}
    </p>
  )
}

interface ActionsProps {
  readonly alert: ObjectAlert
  readonly forAll: boolean
}

function useAnswer({ alert, forAll }: ActionsProps) {
  const client = useClient()
  const { busy, run } = useAct()
  const { id, rev } = alert.detection
  const isArmed = useArmed(`${id} ${alert.position}`)
  const all = forAll && alert.waiting > 1
  const answer = (action: ObjectAlertAction) => {
    if (!isArmed) return
    run(action, async () => {
      await client.call('alert.act', { id, action, all })
    })
  }
  return { busy: busy ?? (alert.detection.busy ? `rev ${rev}` : null), isArmed, answer }
}

const order: readonly ObjectAlertAction[] = ['copy-to-quarantine', 'delete', 'disinfect']

/** The advised action is filled and at the end. */
export function mainAction(detection: Detection): ObjectAlertAction {
  const possible = actionsFor(detection)
  if (detection.reason === 'cannot-disinfect' && possible.includes('delete')) return 'delete'
  const best = recommendedAction(detection, possible)
  return best === 'disinfect' || best === 'delete' || best === 'copy-to-quarantine' ? best : 'skip'
}

function Actions(props: ActionsProps) {
  const { busy, isArmed, answer } = useAnswer(props)
  const { detection } = props.alert
  const possible = actionsFor(detection)
  const main = mainAction(detection)
  const shown = order.filter((action) => action !== main && (detection.busy || possible.includes(action)))
  return (
    <>
      {shown.map((action) => (
        <Button
          key={action}
          variant={action === 'delete' ? 'danger' : 'default'}
          loading={busy === action}
          disabled={busy !== null && busy !== action}
          aria-disabled={!isArmed}
          onClick={() => answer(action)}
        >
          {actionLabel(action)}
        </Button>
      ))}
      <Button
        variant={main === 'delete' ? 'danger-filled' : 'filled'}
        loading={busy === main}
        disabled={busy !== null && busy !== main}
        aria-disabled={!isArmed}
        onClick={() => answer(main)}
      >
        {actionLabel(main)}
      </Button>
    </>
  )
}

/** Leaves it as it is; at the other end, where it is not the advice. */
function SkipLink(props: ActionsProps) {
  const { busy, isArmed, answer } = useAnswer(props)
  const { detection } = props.alert
  if (mainAction(detection) === 'skip' || !actionsFor(detection).includes('skip')) return null
  return (
    <LinkButton disabled={busy !== null} aria-disabled={!isArmed} onClick={() => answer('skip')}>
      {actionLabel('skip')}
    </LinkButton>
  )
}
