// "Check your mail": the same for new and known addresses, three steps, and sending again after a minute.
import { Button } from '@mantine/core'
import { IconMail } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { formatClock } from '#shared/ui/format/duration.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { useClient } from '../../bridge/client-context.tsx'
import { SignInError } from './SignInError.tsx'

const waitMs = 60_000
const steps = [
  'Open the link. It works once, for 24 hours.',
  'Choose a password on the page that opens.',
  'Come back here and sign in.',
]

export interface CheckMailProps {
  readonly email: string
  readonly sentAt: number
  readonly onSentAgain: () => void
  readonly onBack: () => void
  readonly onOther: () => void
}

/** The second step of the window. */
export function CheckMail({ email, sentAt, onSentAgain, onBack, onOther }: CheckMailProps) {
  return (
    <div className="sign-in-column">
      <span className="sign-in-mail">
        <IconMail size={24} stroke={1.6} aria-hidden />
      </span>
      <h1 className="t-display-small sign-in-title">Check your mail</h1>
      <p className="t-2 wrap-anywhere" role="status">
        We sent a message to <span className="t-strong sign-in-address selectable">{email}</span>
      </p>
      <ol className="sign-in-steps">
        {steps.map((step, index) => (
          <li key={step}>
            <span className="sign-in-number" aria-hidden>
              {index + 1}
            </span>
            <span className="t-2">{step}</span>
          </li>
        ))}
      </ol>
      <Button size="lg" variant="filled" fullWidth onClick={onBack} data-autofocus autoFocus>
        Back to sign in
      </Button>
      <SendAgain email={email} sentAt={sentAt} onSentAgain={onSentAgain} />
      <p className="t-caption sign-in-portal">
        <LinkButton onClick={onOther}>Use another e-mail</LinkButton>
      </p>
    </div>
  )
}

function SendAgain({ email, sentAt, onSentAgain }: Pick<CheckMailProps, 'email' | 'sentAt' | 'onSentAgain'>) {
  const client = useClient()
  const leftMs = useLeft(sentAt)
  const [isBusy, setBusy] = useState(false)
  const [failure, setFailure] = useState<unknown>(null)
  const send = () => {
    setBusy(true)
    setFailure(null)
    client
      .call('account.create', { email })
      .then(onSentAgain, setFailure)
      .finally(() => setBusy(false))
  }
  return (
    <>
      {failure !== null && <SignInError work="create" error={failure} secondsLeft={0} />}
      <div className="sign-in-foot">
        <div>
          <p className="t-strong">No message?</p>
          <p className="t-caption t-3">Look in the spam folder, or check the address.</p>
        </div>
        <Button className="tabular" loading={isBusy} disabled={leftMs > 0} onClick={send}>
          {leftMs > 0 ? `Send again in ${formatClock(leftMs)}` : 'Send again'}
        </Button>
      </div>
    </>
  )
}

function useLeft(sentAt: number): number {
  const [now, setNow] = useState(() => Date.now())
  const leftMs = Math.max(0, sentAt + waitMs - now)
  const isWaiting = leftMs > 0
  useEffect(() => {
    if (!isWaiting) return
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [isWaiting])
  return leftMs
}
