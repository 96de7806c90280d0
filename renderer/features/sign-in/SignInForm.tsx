// E-mail, password, Sign in; Create needs only the e-mail (A1). Each failure has its own message and next step (A9).
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useRef } from 'react'
import { brand } from '#shared/brand.ts'
import { LinkButton } from '#shared/ui/LinkButton.tsx'
import { Mark } from '#shared/ui/Mark.tsx'
import { tellFailure, useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { SignInError } from './SignInError.tsx'
import { type Missing, useSignIn } from './use-sign-in.ts'
import { useSlowDown } from './use-slow-down.ts'

export interface SignInFormProps {
  readonly email: string
  readonly onEmail: (email: string) => void
  readonly onSent: () => void
}

/** The first step of the window. */
export function SignInForm({ email, onEmail, onSent }: SignInFormProps) {
  const { password, setPassword, work, failure, missing, signIn, create } = useSignIn(email, onSent)
  const secondsLeft = useSlowDown(failure?.error)
  const emailField = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)
  const focusFirst = (wrong: Missing) => {
    if (wrong.email !== undefined) emailField.current?.focus()
    else if (wrong.password !== undefined) passwordField.current?.focus()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    focusFirst(signIn())
  }
  return (
    <form className="sign-in-column" onSubmit={submit} noValidate>
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
            <ForgotLink />
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
      <Button
        className="sign-in-submit"
        type="submit"
        size="lg"
        variant="filled"
        fullWidth
        loading={work === 'sign-in'}
        disabled={secondsLeft > 0}
      >
        {secondsLeft > 0 ? `Sign in in ${secondsLeft} s` : 'Sign in'}
      </Button>
      <SignInFoot isBusy={work === 'create'} onCreate={() => focusFirst(create())} />
    </form>
  )
}

function ForgotLink() {
  const client = useClient()
  const open = () => {
    client.call('external.open', { page: 'portal-reset' }).catch(tellFailure)
  }
  return <LinkButton onClick={open}>Forgot your password</LinkButton>
}

/** The second way in, and where all of this goes. */
function SignInFoot({ isBusy, onCreate }: { readonly isBusy: boolean; readonly onCreate: () => void }) {
  const { portalUrl } = useTopic('cloud')
  return (
    <>
      <div className="sign-in-foot">
        <div>
          <p className="t-strong">New to {brand.portal}?</p>
          <p className="t-caption t-3">Enter your e-mail and choose Create.</p>
        </div>
        <Button type="button" loading={isBusy} onClick={onCreate}>
          Create
        </Button>
      </div>
      <p className="t-caption t-3 sign-in-portal wrap-anywhere selectable">Portal: {portalUrl}</p>
    </>
  )
}
