// How a computer is connected: from the app, by signing in. Owns the words only.
import { Button, Modal } from '@mantine/core'
import { brand } from '#shared/brand.ts'

/** Three steps; also the text of the empty list. */
export function ConnectSteps() {
  const steps = [
    `Open ${brand.app} on the computer.`,
    `Go to Profile and choose Sign in to ${brand.portal}.`,
    'Sign in with the account you use here. The computer appears in Devices within seconds.',
  ]
  return (
    <ol className="steps">
      {steps.map((step, index) => (
        <li key={step}>
          <span className="step-number" aria-hidden>
            {index + 1}
          </span>
          <span className="t-2">{step}</span>
        </li>
      ))}
    </ol>
  )
}

/** Opened by "Add device". */
export function AddDeviceDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Connect a computer" withCloseButton={false} size={430}>
      <ConnectSteps />
      <div className="ui-dialog-foot">
        <Button size="md" variant="filled" onClick={onClose} data-autofocus>
          Close
        </Button>
      </div>
    </Modal>
  )
}
