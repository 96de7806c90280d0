// The questions that come up while a copy is restored: still detected, a name that is taken, a folder that is gone, a place
// that may not be written to. Owns the words and the choices; nothing is restored before main has asked.
import { Button, Modal, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { shortenedName } from '#shared/domain/shortened.ts'
import { fieldError } from '#shared/ui/FieldError.tsx'
import type { AppClient } from '../../bridge/app-client.ts'
import { useClient } from '../../bridge/client-context.tsx'
import { type Obstacle, type RestoreRequest, restore, restoreElsewhere, useRestoring } from './restore.ts'
import { nameProblem, restoredName } from './restored-name.ts'

/** One question at a time. */
export function RestoreDialogs() {
  const question = useRestoring((restoring) => restoring.question)
  if (question === null) return null
  const { obstacle, request } = question
  if (obstacle === 'target-exists') return <NameQuestion key={request.newName} request={request} />
  return <Question obstacle={obstacle} request={request} />
}

interface Choice {
  readonly label: string
  readonly run: (client: AppClient, request: RestoreRequest) => void
}

interface Words {
  readonly title: (name: string) => string
  readonly consequence: string
  /** The last one is the main one. */
  readonly choices: readonly Choice[]
}

const otherFolder: Choice = { label: 'Choose another folder', run: restoreElsewhere }

const words: Record<Exclude<Obstacle, 'target-exists'>, Words> = {
  'still-detected': {
    title: (name) => `${name} is still detected`,
    consequence:
      'With the databases in use a threat is found in it, or it cannot be checked. Restored, it can do harm again; without an exclusion the next scan would treat it again.',
    choices: [
      {
        label: 'Restore and add to exclusions',
        run: (client, request) => restore(client, { ...request, exclude: true }),
      },
    ],
  },
  'folder-gone': {
    title: (name) => `The folder of ${name} is not there any more`,
    consequence: 'The copy stays in Quarantine until it is restored.',
    choices: [
      otherFolder,
      { label: 'Make the folder again', run: (client, request) => restore(client, { ...request, makeFolder: true }) },
    ],
  },
  'no-rights': {
    title: (name) => `${name} cannot be restored to its place`,
    consequence:
      'Only an administrator may write there, or it belonged to another user. In another folder it will be yours.',
    choices: [otherFolder],
  },
}

function Question({ obstacle, request }: { readonly obstacle: keyof typeof words; readonly request: RestoreRequest }) {
  const client = useClient()
  const { title, consequence, choices } = words[obstacle]
  return (
    <Dialog title={title(shortName(request))}>
      <div className="t-2">{consequence}</div>
      <Foot isDangerous={obstacle === 'still-detected'}>
        {choices.map(({ label, run }, place) => (
          <Button
            key={label}
            size="md"
            variant={
              place < choices.length - 1 ? 'default' : obstacle === 'still-detected' ? 'danger-filled' : 'filled'
            }
            {...(obstacle !== 'still-detected' && place === choices.length - 1 ? { 'data-autofocus': true } : {})}
            onClick={() => {
              close()
              run(client, request)
            }}
          >
            {label}
          </Button>
        ))}
      </Foot>
    </Dialog>
  )
}

/** Nothing is ever replaced: both are kept, or it goes elsewhere. */
function NameQuestion({ request }: { readonly request: RestoreRequest }) {
  const client = useClient()
  const [name, setName] = useState(() => restoredName(request.newName ?? request.name))
  const problem = nameProblem(name)
  const keepBoth = () => {
    if (problem !== null) return
    close()
    restore(client, { ...request, newName: name })
  }
  return (
    <Dialog title={`A file named ${shortName({ ...request, name: request.newName ?? request.name })} is already there`}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          keepBoth()
        }}
      >
        <p className="t-2">It is not touched. The copy can be restored beside it under another name.</p>
        <TextInput
          className="quarantine-name"
          label="Name of the restored file"
          size="md"
          data-autofocus
          maxLength={255}
          value={name}
          error={fieldError(problem ?? undefined)}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Foot>
          <Button
            size="md"
            onClick={() => {
              close()
              restoreElsewhere(client, request)
            }}
          >
            {otherFolder.label}
          </Button>
          <Button size="md" variant="filled" type="submit" disabled={problem !== null}>
            Keep both
          </Button>
        </Foot>
      </form>
    </Dialog>
  )
}

function Dialog({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Modal opened onClose={close} title={title} withCloseButton={false} size={600}>
      {children}
    </Modal>
  )
}

function Foot({ isDangerous = false, children }: { readonly isDangerous?: boolean; readonly children: ReactNode }) {
  return (
    <div className="ui-dialog-foot">
      <Button size="md" onClick={close} {...(isDangerous ? { 'data-autofocus': true } : {})}>
        Cancel
      </Button>
      {children}
    </div>
  )
}

function close(): void {
  useRestoring.setState({ question: null })
}

function shortName({ name }: Pick<RestoreRequest, 'name'>): string {
  return shortenedName(name, 60)
}
