// The "⋯" of a row. The menu itself is only made when it is opened for the first time: lists draw hundreds of these.
// Owns where the keyboard is: back on the button when the menu closes.
import { Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'

export interface RowMenuItem {
  readonly label: string
  readonly run: () => void
  readonly danger?: boolean
  readonly disabled?: boolean
  /** Why it is disabled, under the label. */
  readonly why?: string | undefined
}

export interface RowMenuProps {
  /** Of what, for screen readers. */
  readonly name: string
  readonly items: readonly RowMenuItem[]
}

/** Nothing when there is nothing to choose; while what was chosen runs, its button stays under the keyboard. */
export function RowMenu({ name, items }: RowMenuProps) {
  const [isOpen, setOpen] = useState(false)
  const [wasOpened, setWasOpened] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (wasOpened && !isOpen && isFocusLost()) button.current?.focus({ preventScroll: true })
  }, [isOpen, wasOpened])
  const isEmpty = items.length === 0
  if (isEmpty && !wasOpened) return <span />
  const opener = (
    <button
      ref={button}
      type="button"
      className="ui-icon-button row-icon-button"
      aria-label={`Actions for ${name}`}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      aria-disabled={isEmpty || undefined}
      onBlur={() => {
        if (isEmpty) setWasOpened(false)
      }}
      onClick={() => {
        if (isEmpty) return
        setWasOpened(true)
        setOpen(!isOpen)
      }}
    >
      <IconDots size={16} stroke={1.6} aria-hidden />
    </button>
  )
  if (!wasOpened) return opener
  return (
    <Menu opened={isOpen && !isEmpty} onClose={() => setOpen(false)}>
      <Menu.Target>{opener}</Menu.Target>
      <Menu.Dropdown>
        {items.map(({ label, run, danger = false, disabled = false, why }) => (
          <Menu.Item key={label} disabled={disabled} data-danger={danger || undefined} onClick={run}>
            {label}
            {disabled && why !== undefined && <span className="row-menu-why t-caption">{why}</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** A click elsewhere has moved it on purpose; a closed menu has not. */
function isFocusLost(): boolean {
  const { activeElement } = document
  return activeElement === null || activeElement === document.body || activeElement.closest('[role="menu"]') !== null
}
