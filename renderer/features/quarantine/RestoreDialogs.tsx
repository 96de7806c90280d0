// The questions that come up while a copy is restored: still detected, a name that is taken, a folder that is gone.
import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { type Obstacle, type RestoreRequest, restore, restoreElsewhere, useRestoring } from './restore.ts'

interface Words {
  readonly title: string
  readonly consequence: string
  readonly verb: string
  readonly danger: boolean
  readonly next: (client: AppClient, request: RestoreRequest) => void
}

const words: Record<Obstacle, Words> = {
  'still-detected': {
    title: 'Restore an object that is still detected?',
    consequence:
      'With the databases in use a threat is still detected in it, or it cannot be checked. Restored, it can do harm again.',
    verb: 'Restore anyway',
    danger: true,
    next: (client, request) => restore(client, { ...request, evenIfDetected: true }),
  },
  'target-exists': {
    title: 'Restore it to another folder?',
    consequence: 'A file with this name is already there. It is not touched, and the copy stays in Quarantine.',
    verb: 'Choose another folder',
    danger: false,
    next: restoreElsewhere,
  },
  'folder-gone': {
    title: 'Restore it to another folder?',
    consequence: 'The folder does not exist. The copy stays in Quarantine.',
    verb: 'Choose another folder',
    danger: false,
    next: restoreElsewhere,
  },
}

/** One question at a time. */
export function RestoreDialogs() {
  const client = useClient()
  const question = useRestoring((restoring) => restoring.question)
  const close = () => useRestoring.setState({ question: null })
  if (question === null) return null
  const { title, consequence, verb, danger, next } = words[question.obstacle]
  return (
    <ConfirmDialog
      opened
      title={title}
      consequence={consequence}
      verb={verb}
      danger={danger}
      onClose={close}
      onConfirm={() => {
        close()
        next(client, question.request)
      }}
    />
  )
}
