// Gives a device another name; the name follows to the app (C7). Owns the field and its check.
import { Button, Modal, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { type DeviceCard, DeviceName, deviceNameMaxLength } from '#shared/domain/device.ts'
import { fieldError } from '#shared/ui/FieldError.tsx'
import { FormError } from '#shared/ui/FormError.tsx'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { renameDevice } from '../../bridge/devices.ts'
import { useForm } from '../account/use-form.ts'

export interface DialogProps {
  readonly card: DeviceCard
  readonly onClose: () => void
}

/** Up to 63 characters. */
export function RenameDialog({ card, onClose }: DialogProps) {
  const [name, setName] = useState<string>(card.name)
  const [checked, setChecked] = useState(false)
  const form = useForm()
  const parsed = DeviceName.safeParse(name)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (!parsed.success) return
    form.run(async () => {
      if (parsed.data !== card.name) await renameDevice(card.id, parsed.data)
      onClose()
    })
  }
  const problem = name.trim() === '' ? 'Enter a name' : 'Use letters, digits, spaces and signs only'
  return (
    <Modal opened onClose={onClose} title="Rename device" withCloseButton={false} size={430}>
      <form onSubmit={submit} noValidate>
        <TextInput
          label="Name"
          size="lg"
          maxLength={deviceNameMaxLength}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={fieldError(checked && !parsed.success ? problem : undefined)}
          data-autofocus
        />
        <p className="t-caption t-3 field-note tabular">
          {name.length} of {deviceNameMaxLength} characters. The app on the computer shows the same name.
        </p>
        {form.error !== undefined && <FormError>{errorSentence(form.error)}</FormError>}
        <div className="ui-dialog-foot">
          <Button size="md" onClick={onClose}>
            Cancel
          </Button>
          <Button size="md" variant="filled" type="submit" loading={form.busy}>
            Rename
          </Button>
        </div>
      </form>
    </Modal>
  )
}
