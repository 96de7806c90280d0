// Toasts: result, detail, at most one action. Owns how long they stay; never the only place where a result is told.
import { notifications } from '@mantine/notifications'
import { LinkButton } from './LinkButton.tsx'
import { StatusIcon } from './StatusIcon.tsx'

export interface ToastContent {
  /** attention: done, but something is left to do. */
  readonly kind: 'done' | 'attention' | 'failed' | 'info'
  readonly title: string
  readonly detail?: string
  readonly action?: { readonly label: string; readonly run: () => void }
  /** A second toast with the same id replaces the first. */
  readonly id?: string
}

const icons = { done: 'good', attention: 'attention', failed: 'danger', info: 'info' } as const

/** Takes a toast away that something newer has made untrue; nothing when it is gone already. */
export function hideToast(id: string): void {
  notifications.hide(id)
}

/** Six seconds; failures stay until they are closed. */
export function showToast({ kind, title, detail, action, id }: ToastContent): void {
  const key = id ?? crypto.randomUUID()
  const close = () => notifications.hide(key)
  // It stays under the pointer while it fades: a double click means it once.
  let isUsed = false
  notifications.hide(key)
  notifications.show({
    id: key,
    icon: <StatusIcon status={icons[kind]} size={18} />,
    autoClose: kind === 'failed' ? false : 6000,
    title,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close' },
    role: kind === 'failed' ? 'alert' : 'status',
    message: (
      <span className="ui-toast-row">
        <span>{detail}</span>
        {action !== undefined && (
          <LinkButton
            onClick={() => {
              if (isUsed) return
              isUsed = true
              close()
              action.run()
            }}
          >
            {action.label}
          </LinkButton>
        )}
      </span>
    ),
  })
}
