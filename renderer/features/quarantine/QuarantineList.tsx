// The table of copies: select, restore, delete for good.
import { Button } from '@mantine/core'
import { memo } from 'react'
import { fileName } from '#shared/domain/path-text.ts'
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
import { deleteCopies, heldReason, isHeld, listCopies } from './delete-copies.ts'
import { useRestore, useRestoring } from './restore.ts'

const rowHeight = 48

export interface QuarantineListProps {
  readonly pages: Pages<QuarantineItem>
  readonly search: string
}

/** Newest first, as the engine lists them. */
export function QuarantineList({ pages, search }: QuarantineListProps) {
  const client = useClient()
  const selection = useSelection<QuarantineItem>(async (from, to) => {
    return (await listCopies(client, search)).slice(from, to + 1)
  })
  const selectAll = () => {
    listCopies(client, search).then(selection.set).catch(tellFailure)
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
      await deleteCopies(client, items)
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
  const { name, folder } = copyName(item)
  const stays = isHeld(item) ? heldReason : undefined
  const unrestorable = item.condition === undefined ? undefined : conditions[item.condition]
  const copy = { id: item.id, name: fileName(item.originalPath.text) }
  const remove = () => {
    deleteCopies(client, [item]).catch(tellFailure)
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
      <div className="detected-object t-2" {...gridRoles.cell}>
        <Ellipsis text={item.threat} />
        <CopyNote item={item} />
      </div>
      <span className="t-2" {...gridRoles.cell}>
        <When at={item.storedAt} form="time" capital />
      </span>
      <span className="t-2 detected-time quarantine-aside" {...gridRoles.cell}>
        {formatBytes(item.sizeBytes)}
      </span>
      <span className="t-2 detected-time quarantine-aside" {...gridRoles.cell}>
        {item.condition === 'at-restart' ? 'At restart' : keptFor(item.expiresAt, now)}
      </span>
      <div className="quarantine-actions" {...gridRoles.cell}>
        <span className="quarantine-quick">
          <Button
            size="xs"
            disabled={!item.restorable}
            title={unrestorable}
            loading={isBusy}
            aria-label={`Restore ${name}`}
            onClick={() => restore(copy)}
          >
            Restore
          </Button>
          <Button
            size="xs"
            variant="danger"
            disabled={stays !== undefined}
            title={stays}
            aria-label={`Delete ${name}`}
            onClick={remove}
          >
            Delete
          </Button>
        </span>
        <RowMenu
          name={name}
          items={[
            { label: 'Restore', disabled: !item.restorable, why: unrestorable, run: () => restore(copy) },
            {
              label: 'Restore to another folder',
              disabled: !item.restorable,
              run: () => restore(copy, 'other-folder'),
            },
            {
              label: 'Restore and add to exclusions',
              disabled: !item.restorable,
              run: () => restore(copy, 'exclude'),
            },
            { label: 'Delete', danger: true, disabled: stays !== undefined, why: stays, run: remove },
          ]}
        />
      </div>
    </div>
  )
})

const conditions: Record<NonNullable<QuarantineItem['condition']>, string> = {
  'at-restart': 'Will be disinfected on computer restart',
  damaged: 'Damaged, not restorable',
  'key-lost': 'Key lost, not restorable',
}

/** What is unusual about a copy; nothing for most. */
function CopyNote({ item }: { readonly item: QuarantineItem }) {
  const { condition, falseAlarm, copyOf } = item
  if (condition === 'damaged' || condition === 'key-lost')
    return <Ellipsis text={conditions[condition]} className="t-caption t-red" />
  if (condition !== undefined)
    return <Ellipsis text="Waits for a restart" title={conditions[condition]} className="t-caption t-3" />
  if (falseAlarm !== undefined)
    return (
      <Ellipsis
        text="Possible false alarm"
        title="With the databases in use nothing is found in it"
        className="t-caption t-green"
      />
    )
  if (copyOf === 'cured') return <span className="t-caption t-3">Version after treatment</span>
  return copyOf === 'entry' ? <span className="t-caption t-3">Entry that started it</span> : null
}

/** A copy whose name cannot be read is told by its room alone. */
function copyName(item: QuarantineItem): { readonly name: string; readonly folder: string } {
  if (item.originalPath.text === '?') return { name: 'Name cannot be read', folder: '' }
  return objectName({ path: item.originalPath, findings: [] })
}

/** "30 days", rounded up, so that the last day still reads "1 day". */
function keptFor(expiresAt: string, now: Date): string {
  const days = Math.ceil((Date.parse(expiresAt) - now.getTime()) / 86_400_000)
  return days > 3650 ? 'Always' : plural(Math.max(0, days), 'day', 'days')
}
