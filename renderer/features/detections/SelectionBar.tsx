// The head of the list; while rows are selected it is the action bar, at the same place and height.
import { Button } from '@mantine/core'
import { actionsFor, type Detection, type DetectionAction } from '#shared/domain/detection.ts'
import { formatCount } from '#shared/ui/format/count.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { actionLabel } from '#shared/ui/text/state-text.ts'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { gridRoles } from '../../components/grid-roles.ts'
import { RowCheckbox } from '../../components/RowCheckbox.tsx'
import { actOn } from './process-all.ts'

const actions = ['disinfect', 'copy-to-quarantine', 'skip', 'delete'] as const satisfies readonly DetectionAction[]

export interface SelectionBarProps {
  readonly selected: readonly Detection[]
  readonly total: number
  readonly onAll: () => void
  readonly onClear: () => void
}

/** Acts on the selected objects for which the act makes sense. */
export function SelectionBar({ selected, total, onAll, onClear }: SelectionBarProps) {
  const isAny = selected.length > 0
  return (
    <div className="detected-head" {...gridRoles.row} data-selected={isAny || undefined}>
      <span {...gridRoles.cell}>
        <RowCheckbox
          label="Select all"
          checked={isAny && selected.length >= total}
          indeterminate={isAny && selected.length < total}
          onToggle={isAny ? onClear : onAll}
        />
      </span>
      {isAny ? <Actions selected={selected} onClear={onClear} /> : <Heads />}
    </div>
  )
}

function Heads() {
  return (
    <>
      <span />
      {['Object', 'Threat', 'State'].map((name) => (
        <span key={name} {...gridRoles.head} className="t-caption t-3">
          {name}
        </span>
      ))}
      <span {...gridRoles.head} className="t-caption t-3 detected-time">
        Found
      </span>
      <span />
    </>
  )
}

function Actions({ selected, onClear }: Pick<SelectionBarProps, 'selected' | 'onClear'>) {
  const client = useClient()
  const { busy, run } = useAct()
  const able = (action: DetectionAction) => selected.filter((detection) => actionsFor(detection).includes(action))
  const act = (action: (typeof actions)[number]) =>
    run(action, async () => {
      await actOn(
        client,
        able(action).map((detection) => detection.id),
        action,
      )
      onClear()
    })
  return (
    <div className="detected-actions" {...gridRoles.cell}>
      <span className="t-strong tabular" role="status">
        {formatCount(selected.length)} selected
      </span>
      {actions.map((action) => (
        <Button
          key={action}
          size="xs"
          variant={action === 'delete' ? 'danger' : 'default'}
          disabled={able(action).length === 0 || (busy !== null && busy !== action)}
          loading={busy === action}
          onClick={() => act(action)}
        >
          {actionLabel(action)}
        </Button>
      ))}
      <span className="detected-clear">
        <LinkButton onClick={onClear}>Clear selection</LinkButton>
      </span>
    </div>
  )
}
