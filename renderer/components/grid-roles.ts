// The roles and keys of a list whose rows can be selected and expanded. Not table elements: blocks of space stand between the
// rows, and an expanded row is as wide as the list, which a table cannot have.
import type { KeyboardEvent } from 'react'

export const gridRoles = {
  row: { role: 'row' },
  head: { role: 'columnheader' },
  cell: { role: 'gridcell' },
} as const

/** The list itself: Ctrl+A selects all that it shows, Esc nothing. */
export function gridProps(label: string, rows: number, onAll: () => void, onNone: () => void) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onNone()
    if (event.key.toLowerCase() !== 'a' || !(event.ctrlKey || event.metaKey)) return
    event.preventDefault()
    onAll()
  }
  return {
    role: 'grid',
    tabIndex: -1,
    'aria-label': label,
    'aria-rowcount': rows,
    'aria-multiselectable': true,
    onKeyDown,
  } as const
}

export interface RowState {
  readonly index: number
  readonly isSelected: boolean
  readonly isOpen?: boolean
  readonly onSpace: (isRange: boolean) => void
  readonly onEnter?: (() => void) | undefined
  readonly onDelete?: (() => void) | undefined
}

/** A row that can have the focus; keys that are meant for a control inside of it are not its own. */
export function rowProps({ index, isSelected, isOpen, ...acts }: RowState) {
  const keys: Readonly<Record<string, ((isRange: boolean) => void) | undefined>> = {
    ' ': acts.onSpace,
    Enter: acts.onEnter,
    Delete: acts.onDelete,
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const act = event.target === event.currentTarget ? keys[event.key] : undefined
    if (act === undefined) return
    event.preventDefault()
    act(event.shiftKey)
  }
  const expanded = isOpen === undefined ? {} : { 'aria-expanded': isOpen }
  return {
    role: 'row',
    tabIndex: 0,
    'aria-rowindex': index + 1,
    'aria-selected': isSelected,
    ...expanded,
    onKeyDown,
  } as const
}
