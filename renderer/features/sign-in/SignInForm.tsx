// E-mail, password, Sign in; Create needs only the e-mail (A1). Each failure has its own message and next step (A9).
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useRef, useState } from 'react'
import { brand } from '#shared/brand.ts'
import { Email } from '#shared/domain/primitives.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Mark } from '#shared/ui/Mark.tsx'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { SignInError } from './SignInError.tsx'
import { useSlowDown } from './use-slow-down.ts'

export interface SignInFormProps {
  readonly email: string
  readonly onEmail: (email: string) => void
  readonly onSent: () => void
}

type Work = 'sign-in' | 'create'

/** The first step of the window. */
export function SignInForm({ email, onEmail, onSent }: SignInFormProps) {
  const client = useClient()
  const { portalUrl } = useTopic('cloud')
  const [password, setPassword] = useState('')
  const [work, setWork] = useState<Work | null>(null)
  const [failure, setFailure] = useState<{ readonly work: Work; readonly error: unknown } | null>(null)
  const [missing, setMissing] = useState<{ readonly email?: string; readonly password?: string }>({})
  const secondsLeft = useSlowDown(failure?.error)
  const emailField = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)

  const check = (needsPassword: boolean): boolean => {
    const wrong = {
      ...(Email.safeParse(email.trim()).success ? {} : { email: email.trim() === '' ? 'Enter your e-mail.' : 'Check the e-mail address.' }),
      ...(needsPassword && password === '' ? { password: 'Enter your password.' } : {}),
    }
    setMissing(wrong)
    if (wrong.email !== undefined) emailField.current?.focus()
    else if (wrong.password !== undefined) passwordField.current?.focus()
    return Object.keys(wrong).length === 0
  }
  const start = (kind: Work, run: () => Promise<void>) => {
    if (work !== null || !check(kind === 'sign-in')) return
    setWork(kind)
    setFailure(null)
    run()
      .catch((error: unknown) => setFailure({ work: kind, error }))
      .finally(() => setWork(null))
  }
  const signIn = (event: FormEvent) => {
    event.preventDefault()
    start('sign-in', async () => {
      await client.call('account.signIn', { email: email.trim(), password })
      setPassword('')
    })
  }
  const create = () =>
    start('create', async () => {
      await client.call('account.create', { email: email.trim() })
      onSent()
    })
  const openReset = () => {
    client.call('external.open', { page: 'portal-reset' }).catch(tellFailure)
  }
  return (
    <form className="sign-in-column" onSubmit={signIn} noValidate>
      <Mark state="brand" size={48} />
      <h1 className="t-display-small sign-in-title">Sign in to {brand.portal}</h1>
      <p className="t-2">This computer will appear in Devices.</p>
      <div className="sign-in-fields">
        <TextInput
          ref={emailField}
          label="E-mail"
          size="md"
          type="email"
          autoComplete="username"
          autoFocus
          maxLength={254}
          value={email}
          error={missing.email}
          onChange={(event) => onEmail(event.currentTarget.value)}
        />
        <div className="sign-in-password">
          <span className="sign-in-forgot">
            <LinkButton onClick={openReset}>Forgot your password</LinkButton>
          </span>
          <PasswordInput
            ref={passwordField}
            label="Password"
            size="md"
            autoComplete="current-password"
            maxLength={256}
            value={password}
            error={missing.password}
            visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
        </div>
      </div>
      {failure !== null && <SignInError work={failure.work} error={failure.error} secondsLeft={secondsLeft} />}
      <Button className="sign-in-submit" type="submit" size="lg" variant="filled" fullWidth loading={work === 'sign-in'} disabled={secondsLeft > 0}>
        {secondsLeft > 0 ? `Sign in in ${secondsLeft} s` : 'Sign in'}
      </Button>
      <div className="sign-in-foot">
        <div>
          <p className="t-strong">New to {brand.portal}?</p>
          <p className="t-caption t-3">Enter your e-mail and choose Create.</p>
        </div>
        <Button type="button" loading={work === 'create'} onClick={create}>
          Create
        </Button>
      </div>
      <p className="t-caption t-3 sign-in-portal wrap-anywhere selectable">Portal: {portalUrl}</p>
    </form>
  )
}
