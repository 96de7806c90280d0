// Asks before a device is disconnected: remote control stops, local protection stays (B4). Owns the request.
import { ConfirmDialog } from '#shared/ui/ConfirmDialog.tsx'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { showToast } from '#shared/ui/toasts.tsx'
import { removeDevice } from '../../bridge/devices.ts'
import { navigate, routeStore } from '../../state/route.ts'
import { useForm } from '../account/use-form.ts'
import type { DialogProps } from './RenameDialog.tsx'

/** Focus on Cancel. */
export function DisconnectDialog({ card, onClose }: DialogProps) {
  const form = useForm()
  const confirm = () =>
    form.run(async () => {
      await removeDevice(card.id)
      onClose()
      if (routeStore.getState().route.screen === 'device') navigate('/devices')
      showToast({ kind: 'done', title: `${card.name} disconnected`, detail: 'Its local protection keeps running.' })
    })
  return (
    <ConfirmDialog
      opened
      danger
      title={`Disconnect ${card.name}?`}
      consequence="Remote control stops at once; protection and settings on the computer stay as they are."
      verb="Disconnect device"
      busy={form.busy}
      error={form.error === undefined ? undefined : errorSentence(form.error)}
      onConfirm={confirm}
      onClose={onClose}
    />
  )
}
