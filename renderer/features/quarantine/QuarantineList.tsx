// The table of copies: select, restore, delete for good.
import { Button } from '@mantine/core'
import { memo } from 'react'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { formatCount, plural } from '#shared/ui/format/count.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { objectName } from '#shared/ui/text/state-text.ts'
import { tellFailure, useAct, useClient } from '../../bridge/client-context.tsx'
import { Ellipsis } from '../../components/Ellipsis.tsx'
import { gridProps, gridRoles, rowProps } from '../../components/grid-roles.ts'
import { PagedRows } from '../../components/PagedRows.tsx'
import { RowCheckbox } from '../../components/RowCheckbox.tsx'
import { RowMenu } from '../../components/RowMenu.tsx'
import type { Pages } from '../../components/use-pages.ts'
import { useSharedNow } from '../../components/use-shared-now.ts'
import { When } from '../../components/When.tsx'
import { type SelectionState, useSelection } from '../../state/selection.ts'
import { deleteCopies, listCopies } from './delete-copies.ts'
import { useRestore, useRestoring } from './restore.ts'

const rowHeight = 48

/** Newest first, as the engine lists them. */
export function QuarantineList({ pages }: { readonly pages: Pages<QuarantineItem> }) {
  const client = useClient()
  const selection = useSelection<QuarantineItem>(async (from, to) => (await listCopies(client)).slice(from, to + 1))
  const selectAll = () => {
    listCopies(client).then(selection.set).catch(tellFailure)
  }
  return (
    <div className="detected" {...gridProps('Quarantine', pages.total ?? 0, selectAll, selection.clear)}>
      <Head selection={selection} total={pages.total ?? 0} onAll={selectAll} />
      <PagedRows pages={pages} rowHeight={rowHeight}>
        {(item, index) => (
          <CopyRow
            key={item.id}
            item={item}
            index={index}
            isSelected={selection.selected.has(item.id)}
            onSelect={selection.choose}
          />
        )}
      </PagedRows>
    </div>
  )
}

interface HeadProps {
  readonly selection: SelectionState<QuarantineItem>
  readonly total: number
  readonly onAll: () => void
}

function Head({ selection, total, onAll }: HeadProps) {
  const count = selection.selected.size
  return (
    <div
      className="detected-head quarantine-head"
      {...gridRoles.row}
      data-selected={count > 0 || undefined}
      tabIndex={-1}
    >
      <span {...gridRoles.cell}>
        <RowCheckbox
          label="Select all"
          checked={count > 0 && count >= total}
          indeterminate={count > 0 && count < total}
          onToggle={count > 0 ? selection.clear : onAll}
        />
      </span>
      {count > 0 ? (
        <SelectedActions selection={selection} />
      ) : (
        ['Object', 'Threat', 'Date', 'Size', 'Kept for'].map((name, place) => (
          <span key={name} {...gridRoles.head} className={`t-caption t-3 ${place > 2 ? 'detected-time' : ''}`}>
            {name}
          </span>
        ))
      )}
    </div>
  )
}

function SelectedActions({ selection }: Pick<HeadProps, 'selection'>) {
  const client = useClient()
  const { busy, run } = useAct()
  const items = [...selection.selected.values()]
  const remove = () =>
    run('delete', async () => {
      await deleteCopies(
        client,
        items.map((item) => item.id),
      )
      selection.clear()
    })
  return (
    <div className="detected-actions" {...gridRoles.cell}>
      <span className="t-strong tabular" role="status">
        {formatCount(items.length)} selected
      </span>
      <Button size="xs" variant="danger" loading={busy !== null} onClick={remove}>
        Delete
      </Button>
      <span className="detected-clear">
        <LinkButton onClick={selection.clear}>Clear selection</LinkButton>
      </span>
    </div>
  )
}

interface CopyRowProps {
  readonly item: QuarantineItem
  readonly index: number
  readonly isSelected: boolean
  readonly onSelect: (item: QuarantineItem, index: number, isRange: boolean) => void
}

const CopyRow = memo(function CopyRow({ item, index, isSelected, onSelect }: CopyRowProps) {
  const client = useClient()
  const restore = useRestore()
  const now = useSharedNow()
  const isBusy = useRestoring(({ busy }) => busy.has(item.id))
  const { name, folder } = objectName({ path: item.originalPath, findings: [] })
  const remove = () => {
    deleteCopies(client, [item.id]).catch(tellFailure)
  }
  const select = (isRange: boolean) => onSelect(item, index, isRange)
  return (
    <div
      className="detected-row quarantine-row"
      {...rowProps({ index, isSelected, onSpace: select, onDelete: remove })}
    >
      <span {...gridRoles.cell}>
        <RowCheckbox label={`Select ${name}`} checked={isSelected} onToggle={select} />
      </span>
      <div className="detected-object" {...gridRoles.cell}>
        <MiddleCut text={name} keep={9} className="t-strong" />
        <MiddleCut text={folder} className="t-caption t-3" />
      </div>
      <span className="detected-object t-2" {...gridRoles.cell}>
        <Ellipsis text={item.threat} />
      </span>
      <span className="t-2" {...gridRoles.cell}>
        <When at={item.storedAt} form="time" capital />
      </span>
      <span className="t-2 detected-time quarantine-aside" {...gridRoles.cell}>
        {formatBytes(item.sizeBytes)}
      </span>
      <span className="t-2 detected-time quarantine-aside" {...gridRoles.cell}>
        {item.restorable ? keptFor(item.expiresAt, now) : 'At restart'}
      </span>
      <div className="quarantine-actions" {...gridRoles.cell}>
        <span className="quarantine-quick">
          <Button
            size="xs"
            disabled={!item.restorable}
            loading={isBusy}
            aria-label={`Restore ${name}`}
            onClick={() => restore(item.id)}
          >
            Restore
          </Button>
          <Button size="xs" variant="danger" aria-label={`Delete ${name}`} onClick={remove}>
            Delete
          </Button>
        </span>
        <RowMenu
          name={name}
          items={[
            { label: 'Restore', disabled: !item.restorable, run: () => restore(item.id) },
            {
              label: 'Restore to another folder',
              disabled: !item.restorable,
              run: () => restore(item.id, 'other-folder'),
            },
            { label: 'Delete', danger: true, run: remove },
          ]}
        />
      </div>
    </div>
  )
})

/** "30 days", rounded up, so that the last day still reads "1 day". */
function keptFor(expiresAt: string, now: Date): string {
  const days = Math.ceil((Date.parse(expiresAt) - now.getTime()) / 86_400_000)
  return days > 3650 ? 'Always' : plural(Math.max(0, days), 'day', 'days')
}
