// A link that cannot be used: used, expired or unknown, each with its next step (A3). Owns asking for a new message.
import { Button } from '@mantine/core'
import { IconLinkOff, IconMail } from '@tabler/icons-react'
import { useState } from 'react'
import { codeOf, ProductError } from '#shared/errors.ts'
import { FormError } from '#shared/ui/FormError.tsx'
import { errorSentence, errorText } from '#shared/ui/text/error-text.ts'
import { resendLink } from '../../bridge/account.ts'
import { Link } from '../../components/Link.tsx'
import { useForm } from './use-form.ts'

const unknownLink = new ProductError('link-unknown')

export interface DeadLinkProps {
  readonly error: unknown
  readonly token: string
  readonly onRetry: () => void
}

/** Send again where the portal knows whom to send to. */
export function DeadLink({ error, token, onRetry }: DeadLinkProps) {
  const [sent, setSent] = useState(false)
  const form = useForm()
  const code = codeOf(error)
  const { title, todo } = code === 'bad-request' ? errorText(unknownLink) : errorText(error)
  if (sent) return <SentAgain />
  const resend = () =>
    form.run(async () => {
      await resendLink(token)
      setSent(true)
    })
  return (
    <>
      <div className="mail-icon" data-quiet aria-hidden>
        <IconLinkOff size={24} stroke={1.6} />
      </div>
      <h1 className="t-title">{title}</h1>
      <p className="t-2">{todo}</p>
      {form.error !== undefined && <FormError>{errorSentence(form.error)}</FormError>}
      <div className="card-actions">
        <LinkAction code={code} busy={form.busy} onResend={resend} onRetry={onRetry} />
      </div>
      <div className="card-other">
        <Link to="/sign-in">Go to sign in</Link>
      </div>
    </>
  )
}

interface LinkActionProps {
  readonly code: string
  readonly busy: boolean
  readonly onResend: () => void
  readonly onRetry: () => void
}

function LinkAction({ code, busy, onResend, onRetry }: LinkActionProps) {
  if (code === 'link-used' || code === 'link-expired') {
    return (
      <Button variant="filled" size="lg" fullWidth loading={busy} onClick={onResend}>
        Send again
      </Button>
    )
  }
  if (code === 'link-unknown' || code === 'bad-request') return null
  return (
    <Button size="lg" fullWidth onClick={onRetry}>
      Try again
    </Button>
  )
}

function SentAgain() {
  return (
    <>
      <div className="mail-icon" aria-hidden>
        <IconMail size={24} stroke={1.6} />
      </div>
      <h1 className="t-title">Check your mail</h1>
      <p className="t-2" role="status">
        A new message was sent. Its link works once, for 24 hours.
      </p>
    </>
  )
}
