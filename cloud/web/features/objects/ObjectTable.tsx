// Detected objects one by one: name, place, threat, risk, who found it, state, actions (F5); each opens to its evidence.
// Owns the table's arrangement and which rows are open.
import { ActionIcon } from '@mantine/core'
import { useId, useState } from 'react'
import type { CommandRecord } from '#shared/domain/command.ts'
import type { Detection } from '#shared/domain/detection.ts'
import type { DeviceCard } from '#shared/domain/device.ts'
import { capitalise, formatMomentWithTime } from '#shared/ui/format/time.ts'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { OpenChevron } from '#shared/ui/OpenChevron.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { foundByName } from '#shared/ui/text/scan-text.ts'
import { detectionStateText, objectName, riskClass, riskLabel, verdictLabel } from '#shared/ui/text/state-text.ts'
import { restoreFailureText, undoText } from '#shared/ui/text/undo-text.ts'
import { Time } from '../../components/Time.tsx'
import { ObjectActions } from './ObjectActions.tsx'
import { ObjectDetails } from './ObjectDetails.tsx'
import { pendingActOn } from './pending-act.ts'
import { retentionOf } from './retention.ts'

export interface ObjectTableProps {
  readonly card: DeviceCard
  readonly commands: readonly CommandRecord[]
  readonly now: Date
  readonly objects: readonly Detection[]
}

/** A real table; on a phone its rows become two lines with a menu. */
export function ObjectTable({ card, commands, now, objects }: ObjectTableProps) {
  return (
    <div className="ui-group-body">
      <table className="objects">
        <thead>
          <tr>
            <th scope="col" className="objects-open">
              <span className="visually-hidden">Details</span>
            </th>
            <th scope="col" className="objects-name">
              Object
            </th>
            <th scope="col" className="objects-threat">
              Threat
            </th>
            <th scope="col" className="objects-found">
              Found by
            </th>
            <th scope="col" className="objects-state">
              State
            </th>
            <th scope="col" className="objects-actions">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {objects.map((object) => (
            <ObjectRow key={object.id} card={card} commands={commands} now={now} object={object} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** Until when it can be undone, or why the last attempt did not work. */
function UndoLine({ card, object, now }: Pick<ObjectTableProps, 'card' | 'now'> & { readonly object: Detection }) {
  const failure = restoreFailureText(object)
  if (failure !== undefined) return <span className="t-caption t-red">{failure}</span>
  const undo = undoText(object, retentionOf(card), now)
  return undo === undefined ? null : <span className="t-caption t-3">{undo}</span>
}

function ObjectRow({
  card,
  commands,
  now,
  object,
}: Omit<ObjectTableProps, 'objects'> & { readonly object: Detection }) {
  const [isOpen, setOpen] = useState(false)
  const detailsId = useId()
  const { name, folder } = objectName(object)
  const pending = pendingActOn(object.id, commands)
  const state = pending?.state ?? detectionStateText(object)
  return (
    <>
      <tr>
        <td className="objects-open">
          <ActionIcon
            size="xs"
            aria-label={`${isOpen ? 'Hide' : 'Show'} details of ${name}`}
            aria-expanded={isOpen}
            {...(isOpen ? { 'aria-controls': detailsId } : {})}
            onClick={() => setOpen((was) => !was)}
          >
            <OpenChevron />
          </ActionIcon>
        </td>
        <td className="objects-name">
          <MiddleCut text={name} className="t-strong" />
          <MiddleCut text={folder} className="t-caption t-3" />
        </td>
        <td className="objects-threat">
          <span className="one-line" title={object.threat}>
            {object.threat}
          </span>
          <span className={`t-caption ${riskClass(object.risk)}`} title={verdictLabel(object.verdict)}>
            {riskLabel(object.risk)}
          </span>
        </td>
        <td className="objects-found t-2">
          <span>{foundByName(object.scanType)}</span>
          <span className="t-caption t-3">
            <Time at={object.foundAt} text={capitalise(formatMomentWithTime(object.foundAt, now))} />
          </span>
        </td>
        <td className="objects-state">
          <StatusTag status={state.status}>{state.text}</StatusTag>
          {pending === undefined && <UndoLine card={card} object={object} now={now} />}
        </td>
        <td className="objects-actions">
          <ObjectActions card={card} object={object} name={name} pending={pending?.record} />
        </td>
      </tr>
      {isOpen && (
        <tr id={detailsId} className="objects-details">
          <td colSpan={5}>
            <ObjectDetails card={card} object={object} />
          </td>
          {/* Goes with the column that narrow windows leave out, so that the row is never wider than the others. */}
          <td className="objects-found" />
        </tr>
      )}
    </>
  )
}
