// A password field with the eye that shows it. Owns its attributes only.
import { PasswordInput } from '@mantine/core'
import type { ReactNode } from 'react'
import { fieldError } from '#shared/ui/FieldError.tsx'

export interface PasswordFieldProps {
  readonly label: string
  readonly kind: 'current' | 'new'
  readonly value: string
  readonly onChange: (value: string) => void
  readonly onBlur?: () => void
  readonly error?: string | undefined
  /** At the right of the label. */
  readonly aside?: ReactNode
  readonly describedBy?: string
}

/** Paste is always allowed. */
export function PasswordField({ label, kind, value, onChange, onBlur, error, aside, describedBy }: PasswordFieldProps) {
  return (
    <div className="password-field">
      {aside !== undefined && <div className="password-aside">{aside}</div>}
      <PasswordInput
        label={label}
        name={kind === 'current' ? 'password' : 'new-password'}
        autoComplete={kind === 'current' ? 'current-password' : 'new-password'}
        size="lg"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        onBlur={onBlur}
        error={fieldError(error)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
        {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
      />
    </div>
  )
}
