// Asks for a reset message. The answer never tells whether an address is registered (A5).
import { Button } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { FormError } from '#shared/ui/FormError.tsx'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { requestReset } from '../../bridge/account.ts'
import { Link } from '../../components/Link.tsx'
import { PublicLayout } from '../../components/PublicLayout.tsx'
import { CheckMail } from './CheckMail.tsx'
import { EmailField, emailProblem } from './EmailField.tsx'
import { rememberEmail, rememberedEmail } from './remembered-email.ts'
import { useForm } from './use-form.ts'

/** Address first, then the uniform reply. */
export function ForgotPasswordPage() {
  const [email, setEmail] = useState(rememberedEmail)
  const [checked, setChecked] = useState(false)
  const [sentTo, setSentTo] = useState<string>()
  const form = useForm()
  if (sentTo !== undefined) return <ResetSent email={sentTo} onOther={() => setSentTo(undefined)} />
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (emailProblem(email) !== undefined) return
    form.run(async () => {
      const address = email.trim()
      rememberEmail(address)
      await requestReset(address)
      setSentTo(address)
    })
  }
  return (
    <PublicLayout>
      <h1 className="t-title">Forgot your password</h1>
      <p className="t-2">We send a link with which you choose a new one.</p>
      <form className="form" onSubmit={submit} noValidate>
        <EmailField value={email} onChange={setEmail} error={checked ? emailProblem(email) : undefined} autoFocus />
        {form.error !== undefined && <FormError>{errorSentence(form.error)}</FormError>}
        <Button type="submit" variant="filled" size="lg" fullWidth loading={form.busy} disabled={form.waitSeconds > 0}>
          Send the link
        </Button>
      </form>
      <div className="card-other">
        <Link to="/sign-in">Back to sign in</Link>
      </div>
    </PublicLayout>
  )
}

function ResetSent({ email, onOther }: { readonly email: string; readonly onOther: () => void }) {
  return (
    <PublicLayout>
      <CheckMail
        lead={
          <>
            If <span className="t-address">{email}</span> has an account, a message is on its way.
          </>
        }
        steps={[
          'Open the link. It works once, for 24 hours.',
          'Choose a new password on the page that opens.',
          'Sign in with it here and in the app.',
        ]}
        onResend={() => requestReset(email)}
        other={<LinkButton onClick={onOther}>Use another e-mail</LinkButton>}
      />
    </PublicLayout>
  )
}
