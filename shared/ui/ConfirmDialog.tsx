// A question, its consequence, Cancel and the verb. Owns focus and keys: Esc cancels, destructive acts focus Cancel.
// Never used for what can be undone.
import { Button, Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { FormError } from './FormError.tsx'

export interface ConfirmDialogProps {
  readonly opened: boolean
  /** A question that names count and thing. */
  readonly title: string
  /** One sentence. */
  readonly consequence: ReactNode
  /** Names of what it is about. */
  readonly items?: readonly string[]
  readonly verb: string
  readonly danger?: boolean
  readonly busy?: boolean
  readonly error?: string | undefined
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** Never says OK or Yes. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, title, consequence, items, verb, danger = false, busy = false, error, onConfirm, onClose } = props
  return (
    <Modal opened={opened} onClose={onClose} title={title} withCloseButton={false} size={430}>
      <div className="t-2">{consequence}</div>
      {items !== undefined && items.length > 0 && <p className="t-2 ui-dialog-items">{items.join(', ')}</p>}
      {error !== undefined && <FormError>{error}</FormError>}
      <div className="ui-dialog-foot">
        <Button size="md" onClick={onClose} {...(danger ? { 'data-autofocus': true } : {})}>
          Cancel
        </Button>
        <Button
          size="md"
          variant={danger ? 'danger-filled' : 'filled'}
          loading={busy}
          // While it fades it has been answered.
          onClick={() => {
            if (opened) onConfirm()
          }}
          {...(danger ? {} : { 'data-autofocus': true })}
        >
          {verb}
        </Button>
      </div>
    </Modal>
  )
}
