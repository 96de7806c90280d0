// The address field of every account form. Owns its attributes and the check that it looks like an address.
import { TextInput } from '@mantine/core'
import { Email } from '#shared/domain/primitives.ts'
import { fieldError } from '#shared/ui/FieldError.tsx'

export interface EmailFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly error: string | undefined
  readonly autoFocus?: boolean
}

/** What is wrong with an address, or undefined. */
export function emailProblem(value: string): string | undefined {
  if (value.trim() === '') return 'Enter your e-mail'
  return Email.safeParse(value.trim()).success ? undefined : 'Check the address, for example name@company.com'
}

/** Label above, error below. */
export function EmailField({ value, onChange, error, autoFocus = false }: EmailFieldProps) {
  return (
    <TextInput
      label="E-mail"
      type="email"
      name="email"
      autoComplete="username"
      inputMode="email"
      spellCheck={false}
      size="lg"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={fieldError(error)}
      data-autofocus={autoFocus || undefined}
      autoFocus={autoFocus}
    />
  )
}
