// The table of copies: select, restore, delete for good.
import { ActionIcon, Button, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import type { KeyboardEvent } from 'react'
import type { QuarantineItem } from '#shared/domain/treatment.ts'
import { formatBytes } from '#shared/ui/format/bytes.ts'
import { formatCount, plural } from '#shared/ui/format/count.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { MiddleCut } from '#shared/ui/MiddleCut.tsx'
import { objectName } from '#shared/ui/text/state-text.ts'
import { useNow } from '#shared/ui/use-now.ts'
import { tellFailure, useAct, useClient } from '../../bridge/client-context.tsx'
import { Ellipsis } from '../../components/Ellipsis.tsx'
import { PagedRows } from '../../components/PagedRows.tsx'
import { RowCheckbox } from '../../components/RowCheckbox.tsx'
import type { Pages } from '../../components/use-pages.ts'
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
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') selection.clear()
    if (event.key.toLowerCase() !== 'a' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    selectAll()
  }
  return (
    <div className="detected" role="grid" aria-label="Quarantine" aria-rowcount={pages.total ?? 0} aria-multiselectable onKeyDown={onKeyDown} tabIndex={-1}>
      <Head selection={selection} total={pages.total ?? 0} onAll={selectAll} />
      <PagedRows pages={pages} rowHeight={rowHeight}>
        {(item, index) => (
          <CopyRow
            key={item.id}
            item={item}
            index={index}
            isSelected={selection.selected.has(item.id)}
            onSelect={(isRange) => selection.choose(item, index, isRange)}
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
    <div className="detected-head quarantine-head" role="row" data-selected={count > 0 || undefined} tabIndex={-1}>
      <span role="gridcell" tabIndex={-1}>
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
          <span key={name} role="columnheader" tabIndex={-1} className={`t-caption t-3 ${place > 2 ? 'detected-time' : ''}`}>
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
      await deleteCopies(client, items.map((item) => item.id))
      selection.clear()
    })
  return (
    <div className="detected-actions" role="gridcell" tabIndex={-1}>
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
  readonly onSelect: (isRange: boolean) => void
}

function CopyRow({ item, index, isSelected, onSelect }: CopyRowProps) {
  const client = useClient()
  const restore = useRestore()
  const now = useNow(60_000)
  const isBusy = useRestoring(({ busy }) => busy.has(item.id))
  const { name, folder } = objectName({ path: item.originalPath, findings: [] })
  const remove = () => {
    deleteCopies(client, [item.id]).catch(tellFailure)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget) return
    if (event.key === ' ') onSelect(event.shiftKey)
    else if (event.key === 'Delete') remove()
    else return
    event.preventDefault()
  }
  return (
    <div className="detected-row quarantine-row" role="row" tabIndex={0} aria-rowindex={index + 1} aria-selected={isSelected} onKeyDown={onKeyDown}>
      <span role="gridcell" tabIndex={-1}>
        <RowCheckbox label={`Select ${name}`} checked={isSelected} onToggle={onSelect} />
      </span>
      <div className="detected-object" role="gridcell" tabIndex={-1}>
        <MiddleCut text={name} keep={9} className="t-strong" />
        <MiddleCut text={folder} className="t-caption t-3" />
      </div>
      <span className="detected-object t-2" role="gridcell" tabIndex={-1}>
        <Ellipsis text={item.threat} />
      </span>
      <span className="t-2" role="gridcell" tabIndex={-1}>
        <When at={item.storedAt} form="time" capital />
      </span>
      <span className="t-2 detected-time quarantine-aside" role="gridcell" tabIndex={-1}>
        {formatBytes(item.sizeBytes)}
      </span>
      <span className="t-2 detected-time quarantine-aside" role="gridcell" tabIndex={-1}>
        {item.restorable ? keptFor(item.expiresAt, now) : 'At restart'}
      </span>
      <div className="quarantine-actions" role="gridcell" tabIndex={-1}>
        <span className="quarantine-quick">
          <Button size="xs" disabled={!item.restorable} loading={isBusy} aria-label={`Restore ${name}`} onClick={() => restore(item.id)}>
            Restore
          </Button>
          <Button size="xs" variant="danger" aria-label={`Delete ${name}`} onClick={remove}>
            Delete
          </Button>
        </span>
        <Menu>
          <Menu.Target>
            <ActionIcon size="xs" aria-label={`Actions for ${name}`}>
              <IconDots size={16} stroke={1.6} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item disabled={!item.restorable} onClick={() => restore(item.id)}>
              Restore
            </Menu.Item>
            <Menu.Item disabled={!item.restorable} onClick={() => restore(item.id, 'other-folder')}>
              Restore to another folder
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item data-danger onClick={remove}>
              Delete
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </div>
    </div>
  )
}

/** "30 days", rounded up, so that the last day still reads "1 day". */
function keptFor(expiresAt: string, now: Date): string {
  const days = Math.ceil((Date.parse(expiresAt) - now.getTime()) / 86_400_000)
  return days > 3650 ? 'Always' : plural(Math.max(0, days), 'day', 'days')
}
