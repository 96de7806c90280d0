// The name of this computer, as the portal shows it; renamed in place (C7).
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { DeviceName, deviceNameMaxLength } from '#shared/domain/device.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { useAct, useClient } from '../../bridge/client-context.tsx'
import { FactRow } from './FactRow.tsx'

/** A row with the name, or a form with one field. */
export function DeviceNameRow({ name }: { readonly name: string }) {
  const [isEditing, setEditing] = useState(false)
  if (isEditing) return <RenameForm name={name} onDone={() => setEditing(false)} />
  return (
    <FactRow name="Device name" action={<LinkButton onClick={() => setEditing(true)}>Rename</LinkButton>}>
      <span className="t-strong wrap-anywhere selectable">{name}</span>
    </FactRow>
  )
}

function RenameForm({ name, onDone }: { readonly name: string; readonly onDone: () => void }) {
  const client = useClient()
  const [draft, setDraft] = useState(name)
  const [error, setError] = useState<string | null>(null)
  const { busy, run } = useAct()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const parsed = DeviceName.safeParse(draft)
    if (!parsed.success) {
      setError('Enter a name of 1 to 63 characters.')
      return
    }
    run('rename', async () => {
      await client.call('account.rename', { name: parsed.data })
      onDone()
    })
  }
  return (
    <form className="fact-row" onSubmit={submit} onKeyDown={(event) => event.key === 'Escape' && onDone()}>
      <label className="t-3" htmlFor="device-name">
        Device name
      </label>
      <TextInput
        id="device-name"
        className="fact-value"
        size="sm"
        data-autofocus
        autoFocus
        maxLength={deviceNameMaxLength}
        value={draft}
        error={error}
        onChange={(event) => {
          setDraft(event.currentTarget.value)
          setError(null)
        }}
        onFocus={(event) => event.currentTarget.select()}
      />
      <div className="app-actions">
        <Button onClick={onDone}>Cancel</Button>
        <Button type="submit" variant="filled" loading={busy !== null}>
          Rename
        </Button>
      </div>
    </form>
  )
}
