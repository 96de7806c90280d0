// One detected object: select, expand, act. Keys on the row: Space selects, Enter expands, Delete asks.
import { ActionIcon, Menu } from '@mantine/core'
import { IconChevronRight, IconDots } from '@tabler/icons-react'
import { type KeyboardEvent, memo, useState } from 'react'
import { actionsFor, type Detection, type DetectionAction } from '#shared/domain/detection.ts'
import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { StatusTag } from '#shared/ui/StatusTag.tsx'
import { actionLabel, objectName, riskClass, riskLabel } from '#shared/ui/text/state-text.ts'
import { Ellipsis } from '../../components/Ellipsis.tsx'
import { RowCheckbox } from '../../components/RowCheckbox.tsx'
import { When } from '../../components/When.tsx'
import { DetectedDetails } from './DetectedDetails.tsx'
import { shortStateText } from './short-state.ts'
import { useObjectAct } from './use-object-act.ts'

export interface DetectedRowProps {
  readonly detection: Detection
  readonly index: number
  readonly isSelected: boolean
  readonly isOpen: boolean
  readonly onSelect: (isRange: boolean) => void
  readonly onToggle: () => void
}

/** A row and, when it is open, its evidence. */
export const DetectedRow = memo(function DetectedRow(props: DetectedRowProps) {
  const { detection, index, isSelected, isOpen, onSelect, onToggle } = props
  const [asksDelete, setAsksDelete] = useState(false)
  const { run } = useObjectAct(detection)
  const { name, folder } = objectName(detection)
  const { status, text } = shortStateText(detection)
  const possible = actionsFor(detection)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    if (event.key === ' ') onSelect(event.shiftKey)
    else if (event.key === 'Enter') onToggle()
    else if (event.key === 'Delete' && possible.includes('delete')) setAsksDelete(true)
    else return
    event.preventDefault()
  }
  return (
    <>
      <div
        className="detected-row"
        role="row"
        tabIndex={0}
        aria-rowindex={index + 1}
        aria-selected={isSelected}
        aria-expanded={isOpen}
        onKeyDown={onKeyDown}
      >
        <span role="gridcell" tabIndex={-1}>
          <RowCheckbox label={`Select ${name}`} checked={isSelected} onToggle={onSelect} />
        </span>
        <ActionIcon size="xs" aria-label={`${isOpen ? 'Hide' : 'Show'} details of ${name}`} aria-expanded={isOpen} onClick={onToggle}>
          <IconChevronRight className="detected-chevron" data-open={isOpen || undefined} size={16} stroke={1.6} aria-hidden />
        </ActionIcon>
        <div className="detected-object" role="gridcell" tabIndex={-1}>
          <MiddleCut text={name} keep={9} className="t-strong" />
          <MiddleCut text={folder} className="t-caption t-3" />
        </div>
        <div className="detected-object" role="gridcell" tabIndex={-1}>
          <Ellipsis text={detection.threat} />
          <span className={`t-caption ${riskClass(detection.risk)}`}>{riskLabel(detection.risk)}</span>
        </div>
        <span role="gridcell" tabIndex={-1}>
          <StatusTag status={status}>{text}</StatusTag>
        </span>
        <span className="t-caption t-3 detected-time" role="gridcell" tabIndex={-1}>
          <When at={detection.foundAt} form="short" capital />
        </span>
        <RowMenu name={name} possible={detection.busy ? [] : possible} onAct={run} />
      </div>
      {isOpen && <DetectedDetails detection={detection} onAct={run} />}
      <ConfirmDialog
        opened={asksDelete}
        danger
        title={`Delete ${name}?`}
        consequence="A copy is kept in Quarantine and can be restored."
        verb="Delete"
        onClose={() => setAsksDelete(false)}
        onConfirm={() => {
          setAsksDelete(false)
          run('delete')
        }}
      />
    </>
  )
})

interface RowMenuProps {
  readonly name: string
  readonly possible: readonly DetectionAction[]
  readonly onAct: (action: DetectionAction) => void
}

function RowMenu({ name, possible, onAct }: RowMenuProps) {
  if (possible.length === 0) return <span />
  return (
    <Menu>
      <Menu.Target>
        <ActionIcon size="xs" aria-label={`Actions for ${name}`}>
          <IconDots size={16} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {possible.map((action) => (
          <Menu.Item key={action} data-danger={action === 'delete' || undefined} onClick={() => onAct(action)}>
            {actionLabel(action)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
