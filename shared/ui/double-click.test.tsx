// A second click while a toast or a dialog fades away: it was answered by the first.
import { Button } from '@mantine/core'
import { isValidElement, type ReactElement, type ReactNode } from 'react'
import { afterEach, expect, it } from 'vitest'
import { ConfirmDialog } from './ConfirmDialog.tsx'
import { clearToasts, onlyToast } from './testing/shown-toasts.ts'
import { showToast } from './toasts.tsx'

afterEach(clearToasts)

it('the action of a toast runs once', () => {
  let runs = 0
  showToast({ kind: 'done', title: 'Deleted', action: { label: 'Undo', run: () => (runs += 1) } })
  const { action } = onlyToast()
  action?.run()
  action?.run()
  expect(runs).toBe(1)
})

it('a question that was answered is not answered again', () => {
  let answers = 0
  const dialog = (opened: boolean) =>
    ConfirmDialog({
      opened,
      title: 'Delete 12 objects?',
      consequence: 'Copies are kept.',
      verb: 'Delete all',
      onConfirm: () => (answers += 1),
      onClose: () => undefined,
    })
  clickOn(dialog(true), 'Delete all')
  clickOn(dialog(false), 'Delete all')
  expect(answers).toBe(1)
})

type Element = ReactElement<{ readonly children?: ReactNode; readonly onClick?: () => void }>

function clickOn(node: ReactNode, label: string): void {
  for (const button of elements(node))
    if (button.type === Button && button.props.children === label) button.props.onClick?.()
}

function elements(node: ReactNode): readonly Element[] {
  if (Array.isArray(node)) return node.flatMap(elements)
  return isValidElement(node) ? [node as Element, ...elements((node as Element).props.children)] : []
}
