// The "⋯" of a row. The menu itself is only made when it is opened: lists draw hundreds of these.
import { Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useState } from 'react'

export interface RowMenuItem {
  readonly label: string
  readonly run: () => void
  readonly danger?: boolean
  readonly disabled?: boolean
}

export interface RowMenuProps {
  /** Of what, for screen readers. */
  readonly name: string
  readonly items: readonly RowMenuItem[]
}

/** Nothing when there is nothing to choose. */
export function RowMenu({ name, items }: RowMenuProps) {
  const [isOpen, setOpen] = useState(false)
  if (items.length === 0) return <span />
  const button = (
    <button
      type="button"
      className="ui-icon-button row-icon-button"
      aria-label={`Actions for ${name}`}
      aria-haspopup="menu"
      aria-expanded={isOpen}
      onClick={() => setOpen(true)}
    >
      <IconDots size={16} stroke={1.6} aria-hidden />
    </button>
  )
  if (!isOpen) return button
  return (
    <Menu opened onClose={() => setOpen(false)}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
        {items.map(({ label, run, danger = false, disabled = false }) => (
          <Menu.Item key={label} disabled={disabled} data-danger={danger || undefined} onClick={run}>
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
