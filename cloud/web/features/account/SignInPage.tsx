// Sign-in on the portal. Owns the two fields; each failure has its own words and next step.
import { Button } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { brand } from '#shared/brand.ts'
import { FormError } from '#shared/ui/FormError.tsx'
import { formatClock } from '#shared/ui/format/duration.ts'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { signIn } from '../../bridge/account.ts'
import { Link } from '../../components/Link.tsx'
import { PublicLayout } from '../../components/PublicLayout.tsx'
import { navigate, routeStore } from '../../state/route.ts'
import { sessionStore } from '../../state/session.ts'
import { EmailField, emailProblem } from './EmailField.tsx'
import { InsecureNotice } from './InsecureNotice.tsx'
import { PasswordField } from './PasswordField.tsx'
import { rememberEmail, rememberedEmail } from './remembered-email.ts'
import { useForm } from './use-form.ts'

/** One message for a wrong address and a wrong password. */
export function SignInPage() {
  const [email, setEmail] = useState(rememberedEmail)
  const [password, setPassword] = useState('')
  const [checked, setChecked] = useState(false)
  const form = useForm()
  const ended = sessionStore((state) => state.ended)
  const emailError = checked ? emailProblem(email) : undefined
  const passwordError = checked && password === '' ? 'Enter your password' : undefined

  const submit = (event: FormEvent) => {
    event.preventDefault()
    setChecked(true)
    if (emailProblem(email) !== undefined || password === '') return
    form.run(async () => {
      rememberEmail(email.trim())
      await signIn(email.trim(), password)
      if (routeStore.getState().route.screen === 'sign-in') navigate('/devices', { replace: true })
    })
  }

  return (
    <PublicLayout>
      <h1 className="t-title">Sign in to {brand.portal}</h1>
      <p className="t-2">
        {ended ? 'You were signed out. Sign in again to go on.' : 'See your devices and manage their protection.'}
      </p>
      <InsecureNotice />
      <form className="form" onSubmit={submit} noValidate>
        <EmailField value={email} onChange={setEmail} error={emailError} autoFocus={email === ''} />
        <PasswordField
          label="Password"
          kind="current"
          value={password}
          onChange={setPassword}
          error={passwordError}
          aside={<Link to="/forgot-password">Forgot your password</Link>}
        />
        {form.error !== undefined && form.waitSeconds === 0 && !form.busy && (
          <FormError>{errorSentence(form.error)}</FormError>
        )}
        {form.waitSeconds > 0 && <FormError>Too many attempts. Wait until the button is ready.</FormError>}
        <Button type="submit" variant="filled" size="lg" fullWidth loading={form.busy} disabled={form.waitSeconds > 0}>
          {form.waitSeconds > 0 ? `Sign in in ${formatClock(form.waitSeconds * 1000)}` : 'Sign in'}
        </Button>
      </form>
      <div className="card-foot">
        <div>
          <p className="t-strong">New to {brand.portal}?</p>
          <p className="t-caption t-3">An account needs an e-mail and a password.</p>
        </div>
        <Button onClick={() => navigate('/sign-up')}>Create</Button>
      </div>
    </PublicLayout>
  )
}
