// "Check your mail" after every request that sends a message; the same for known and unknown addresses.
// Owns the wait before a second message.
import { Button } from '@mantine/core'
import { IconMail } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'
import { FormError } from '#shared/ui/FormError.tsx'
import { formatClock } from '#shared/ui/format/duration.ts'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { navigate } from '../../state/route.ts'
import { useCountdown, useForm } from './use-form.ts'

const resendAfterMs = 60_000

export interface CheckMailProps {
  readonly lead: ReactNode
  readonly steps: readonly string[]
  readonly onResend: () => Promise<void>
  readonly other?: ReactNode
}

/** Three steps, then the way back. */
export function CheckMail({ lead, steps, onResend, other }: CheckMailProps) {
  const [resendAt, setResendAt] = useState(() => Date.now() + resendAfterMs)
  const [sentAgain, setSentAgain] = useState(false)
  const form = useForm()
  const wait = useCountdown(resendAt)
  const resend = () =>
    form.run(async () => {
      await onResend()
      setSentAgain(true)
      setResendAt(Date.now() + resendAfterMs)
    })
  return (
    <>
      <div className="mail-icon" aria-hidden>
        <IconMail size={24} stroke={1.6} />
      </div>
      <h1 className="t-title">Check your mail</h1>
      <p className="t-2 wrap-anywhere">{lead}</p>
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
      <Button variant="filled" size="lg" fullWidth onClick={() => navigate('/sign-in')}>
        Back to sign in
      </Button>
      <div className="card-foot">
        <div aria-live="polite">
          <p className="t-strong">{sentAgain && wait > 0 ? 'Sent again' : 'No message?'}</p>
          <p className="t-caption t-3">Look in the spam folder, or check the address.</p>
        </div>
        <Button onClick={resend} loading={form.busy} disabled={wait > 0} className="tabular">
          {wait > 0 ? `Send again in ${formatClock(wait * 1000)}` : 'Send again'}
        </Button>
      </div>
      {form.error !== undefined && <FormError>{errorSentence(form.error)}</FormError>}
      {other !== undefined && <div className="card-other">{other}</div>}
    </>
  )
}
