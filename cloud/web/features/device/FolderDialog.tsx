// Asks which folder of the device to scan. Owns the field; the device decides whether the path exists.
import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { fieldError } from '#shared/ui/FieldError.tsx'
import { useForm } from '../account/use-form.ts'
import { runCommand } from '../commands/run-command.ts'
import type { DialogProps } from './RenameDialog.tsx'

const longestPath = 4096

/** What is wrong with a path, or undefined. */
export function pathProblem(path: string): string | undefined {
  const trimmed = path.trim()
  if (trimmed === '') return 'Enter a path'
  return /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(trimmed) ? undefined : 'Enter the whole path, from the drive or from /'
}

/** One path at a time. */
export function FolderDialog({ card, onClose }: DialogProps) {
  const windows = /windows/i.test(card.state?.facts.os ?? '')
  const [path, setPath] = useState('')
  const [checked, setChecked] = useState(false)
  const form = useForm()
  const problem = pathProblem(path)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (problem !== undefined) return
    form.run(async () => {
      await runCommand(card, { kind: 'scan.start', args: { type: 'folder', path: path.trim() } })
      onClose()
    })
  }
  return (
    <Modal opened onClose={onClose} title={`Scan a folder on ${card.name}`} withCloseButton={false} size={460}>
      <form onSubmit={submit} noValidate>
        <TextInput
          label="Folder or file"
          size="lg"
          placeholder={windows ? 'C:\\Users\\Anna\\Downloads' : '/home/anna/Downloads'}
          spellCheck={false}
          maxLength={longestPath}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          error={fieldError(checked ? problem : undefined)}
          data-autofocus
        />
        <p className="t-caption t-3 field-note">
          The path as it is on the device. What is detected is treated automatically, with a copy in Quarantine.
        </p>
        <div className="ui-dialog-foot">
          <Button size="md" onClick={onClose}>
            Cancel
          </Button>
          <Button size="md" variant="filled" type="submit" loading={form.busy}>
            Scan
          </Button>
        </div>
      </form>
    </Modal>
  )
}
