// The two fields in which a new password is chosen, with live rules. Owns the fields; hands out the password only when
// every rule is met and both agree.
import { Button } from '@mantine/core'
import { type FormEvent, type ReactNode, useId, useState } from 'react'
import { checkPassword, isAcceptable } from '#shared/domain/password-rules.ts'
import { FormError } from '#shared/ui/FormError.tsx'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { PasswordField } from './PasswordField.tsx'
import { PasswordRules } from './PasswordRules.tsx'
import { useStrengthEstimate } from './strength.ts'
import { useForm } from './use-form.ts'

export interface NewPasswordProps {
  /** Fields before the password. */
  readonly before?: ReactNode
  readonly verb: string
  /** Called with an acceptable password. */
  readonly onSubmit: (password: string) => Promise<void>
}

/** The button waits for the rules, which are on screen. */
export function NewPassword({ before, verb, onSubmit }: NewPasswordProps) {
  const [password, setPassword] = useState('')
  const [repeat, setRepeat] = useState('')
  const [left, setLeft] = useState(false)
  const [repeatLeft, setRepeatLeft] = useState(false)
  const estimate = useStrengthEstimate()
  const form = useForm()
  const rulesId = useId()
  const check = checkPassword(password, estimate)
  const differs = repeat !== password
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isAcceptable(check) || differs) return
    form.run(() => onSubmit(password))
  }
  return (
    <form className="form" onSubmit={submit} noValidate>
      {before}
      <div>
        <PasswordField
          label="Password"
          kind="new"
          value={password}
          onChange={setPassword}
          onBlur={() => setLeft(password !== '')}
          describedBy={rulesId}
        />
        <PasswordRules id={rulesId} check={check} left={left} />
      </div>
      <PasswordField
        label="Repeat the password"
        kind="new"
        value={repeat}
        onChange={setRepeat}
        onBlur={() => setRepeatLeft(repeat !== '')}
        error={repeatLeft && differs ? 'Repeat the same password. The two differ' : undefined}
      />
      {form.error !== undefined && <FormError>{errorSentence(form.error)}</FormError>}
      <Button
        type="submit"
        variant="filled"
        size="lg"
        fullWidth
        loading={form.busy}
        disabled={!isAcceptable(check) || differs || form.waitSeconds > 0}
      >
        {verb}
      </Button>
      <p className="t-caption t-3 form-note">Common passwords are refused even if they meet the rules.</p>
    </form>
  )
}
