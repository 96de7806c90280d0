// The toasts that a person would see, read from where the kit puts them, for unit tests without a browser. Never part of the product.
import { notificationsStore } from '@mantine/notifications'
import { isValidElement, type ReactElement, type ReactNode } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'

export interface ShownToast {
  readonly title: string
  readonly detail: string
  /** `alert`: a failure, which stays until it is closed. */
  readonly role: string
  /** As the icon shows it. */
  readonly status: string
  readonly action: { readonly label: string; readonly run: () => void } | undefined
}

/** Those on the screen, and those that wait for a place. */
export function shownToasts(): readonly ShownToast[] {
  const { notifications, queue } = notificationsStore.getState()
  return [...notifications, ...queue].map(({ title, message, role, icon }) => {
    const [detail, action] = partsOf(message)
    return {
      title: String(title),
      detail: renderToStaticMarkup(detail).replace(/<[^>]*>/g, ''),
      role: String(role),
      status: /data-status="([^"]*)"/.exec(renderToStaticMarkup(icon))?.[1] ?? '',
      action: actionOf(action),
    }
  })
}

/** The only one; throws when there are none or several. */
export function onlyToast(): ShownToast {
  const [first, ...others] = shownToasts()
  if (first === undefined || others.length > 0) throw new Error(`not one toast: ${JSON.stringify(shownToasts())}`)
  return first
}

/** As if a person had closed all of them. */
export function clearToasts(): void {
  notificationsStore.setState({ ...notificationsStore.getState(), notifications: [], queue: [] })
}

function partsOf(message: ReactNode): readonly ReactNode[] {
  if (!isValidElement(message)) return []
  const { children } = (message as ReactElement<{ readonly children: ReactNode }>).props
  return Array.isArray(children) ? children : []
}

function actionOf(node: ReactNode): ShownToast['action'] {
  if (!isValidElement(node)) return undefined
  const { onClick, children } = (node as ReactElement<{ readonly onClick: () => void; readonly children: string }>)
    .props
  return { label: children, run: onClick }
}
