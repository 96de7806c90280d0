// One detected object: select, expand, act. Keys on the row: Space selects, Enter expands, Delete asks.
import { memo, useState } from 'react'
import { actionsFor, type Detection } from '#shared/domain/detection.ts'
import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { OpenChevron } from '#shared/ui/OpenChevron.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { actionLabel, elevateLabel, objectName, riskClass, riskLabel } from '#shared/ui/text/state-text.ts'
import { restoreFailureText, undoText } from '#shared/ui/text/undo-text.ts'
import { Ellipsis } from '../../components/Ellipsis.tsx'
import { gridRoles, rowProps } from '../../components/grid-roles.ts'
import { RowCheckbox } from '../../components/RowCheckbox.tsx'
import { RowMenu } from '../../components/RowMenu.tsx'
import { useSharedNow } from '../../components/use-shared-now.ts'
import { When } from '../../components/When.tsx'
import { useTopic } from '../../state/mirror.ts'
import {
  canContinueAsAdministrator,
  canGoWithoutCopy,
  canKeepLargeCopy,
  DetectedDetails,
  largeCopyLabel,
} from './DetectedDetails.tsx'
import { shortStateText } from './short-state.ts'
import { useObjectAct } from './use-object-act.ts'

export interface DetectedRowProps {
  readonly detection: Detection
  readonly index: number
  readonly isSelected: boolean
  readonly isOpen: boolean
  readonly onSelect: (detection: Detection, index: number, isRange: boolean) => void
  readonly onToggle: (id: string) => void
}

/** A row and, when it is open, its evidence. */
export const DetectedRow = memo(function DetectedRow(props: DetectedRowProps) {
  const { detection, index, isSelected, isOpen, onSelect, onToggle } = props
  const [asksDelete, setAsksDelete] = useState(false)
  const { run, deleteWithoutCopy, keepLargeCopy, elevate } = useObjectAct(detection)
  const { retentionDays } = useTopic('settings').quarantine
  const now = useSharedNow()
  const { name, folder } = objectName(detection)
  const { status, text } = shortStateText(detection)
  const possible = actionsFor(detection)
  const undo = undoText(detection, retentionDays, now)
  const failure = restoreFailureText(detection)
  const select = (isRange: boolean) => onSelect(detection, index, isRange)
  const onDelete = possible.includes('delete') ? () => setAsksDelete(true) : undefined
  const row = rowProps({ index, isSelected, isOpen, onSpace: select, onEnter: () => onToggle(detection.id), onDelete })
  return (
    <>
      <div className="detected-row" {...row}>
        <span {...gridRoles.cell}>
          <RowCheckbox label={`Select ${name}`} checked={isSelected} onToggle={select} />
        </span>
        <button
          type="button"
          className="ui-icon-button row-icon-button"
          aria-label={`${isOpen ? 'Hide' : 'Show'} details of ${name}`}
          aria-expanded={isOpen}
          onClick={() => onToggle(detection.id)}
        >
          <OpenChevron />
        </button>
        <div className="detected-object" {...gridRoles.cell}>
          <MiddleCut text={name} keep={9} className="t-strong" />
          <MiddleCut text={folder} className="t-caption t-3" />
        </div>
        <div className="detected-object" {...gridRoles.cell}>
          <Ellipsis text={detection.threat} />
          <span className={`t-caption ${riskClass(detection.risk)}`}>{riskLabel(detection.risk)}</span>
        </div>
        <div className="detected-object" {...gridRoles.cell}>
          <StatusTag status={status}>{text}</StatusTag>
          {failure === undefined ? (
            undo !== undefined && <Ellipsis text={undo} className="t-caption t-3" />
          ) : (
            <Ellipsis text={failure} className="t-caption t-red" />
          )}
        </div>
        <span className="t-caption t-3 detected-time" {...gridRoles.cell}>
          <When at={detection.foundAt} form="short" capital />
        </span>
        <RowMenu
          name={name}
          items={[
            ...(canContinueAsAdministrator(detection) ? [{ label: elevateLabel, run: elevate, danger: false }] : []),
            ...(detection.busy ? [] : possible).map((action) => ({
              label: actionLabel(action),
              run: () => run(action),
              danger: action === 'delete',
            })),
            ...(canKeepLargeCopy(detection) ? [{ label: largeCopyLabel, run: keepLargeCopy, danger: false }] : []),
            ...(canGoWithoutCopy(detection)
              ? [{ label: 'Delete without a copy', run: deleteWithoutCopy, danger: true }]
              : []),
          ]}
        />
      </div>
      {isOpen && (
        <DetectedDetails
          detection={detection}
          onAct={run}
          onDeleteWithoutCopy={deleteWithoutCopy}
          onKeepLargeCopy={keepLargeCopy}
          onElevate={elevate}
        />
      )}
      {asksDelete && <DeleteQuestion name={name} onClose={() => setAsksDelete(false)} onDelete={() => run('delete')} />}
    </>
  )
})

interface DeleteQuestionProps {
  readonly name: string
  readonly onClose: () => void
  readonly onDelete: () => void
}

/** Only the Delete key asks: a slip of the finger is not a click. */
function DeleteQuestion({ name, onClose, onDelete }: DeleteQuestionProps) {
  return (
    <ConfirmDialog
      opened
      danger
      title={`Delete ${name}?`}
      consequence="A copy is kept in Quarantine and can be restored."
      verb="Delete"
      onClose={onClose}
      onConfirm={() => {
        onClose()
        onDelete()
      }}
    />
  )
}
