// The password rules, each shown live: met is a green check, unmet is neutral while typing and red after leaving the field.
// Owns the words of the rules; the rules themselves are in shared/domain/password-rules.ts.
import { IconCheck, IconPointFilled, IconX } from '@tabler/icons-react'
import { type PasswordRule, passwordRules } from '#shared/domain/password-rules.ts'

const ruleTexts: Record<PasswordRule, string> = {
  length: '8 characters or more',
  digit: 'At least one digit',
  upper: 'An upper-case Latin letter',
  lower: 'A lower-case Latin letter',
  'no-spaces': 'No spaces',
  'not-common': 'Hard to guess',
}

export interface PasswordRulesProps {
  readonly id: string
  readonly check: Record<PasswordRule, boolean>
  /** True once the field was left with something in it. */
  readonly left: boolean
}

/** Each rule has words for screen readers too. */
export function PasswordRules({ id, check, left }: PasswordRulesProps) {
  return (
    <ul className="rules" id={id}>
      {passwordRules.map((rule) => {
        const state = check[rule] ? 'met' : left ? 'failed' : 'open'
        return (
          <li key={rule} data-state={state}>
            <RuleIcon state={state} />
            <span>
              {ruleTexts[rule]}
              <span className="visually-hidden">{state === 'met' ? ', met' : ', not met yet'}</span>
            </span>
          </li>
        )
      })}
    </ul>
  )
}

function RuleIcon({ state }: { readonly state: 'met' | 'failed' | 'open' }) {
  if (state === 'met') return <IconCheck size={16} stroke={2} aria-hidden />
  if (state === 'failed') return <IconX size={16} stroke={2} aria-hidden />
  return <IconPointFilled size={16} aria-hidden />
}
