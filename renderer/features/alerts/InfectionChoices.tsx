// The two ways to treat an active infection, as radio buttons with their consequences. Owns the words of the choices.
import type { ByItself, InfectionChoice } from '#shared/domain/alerts.ts'
import { byItselfText } from '#shared/ui/text/alert-text.ts'

export interface InfectionChoicesProps {
  readonly choice: InfectionChoice
  readonly atZero: InfectionChoice
  readonly byItself: ByItself
  readonly onChoose: (choice: InfectionChoice) => void
}

const choices: readonly { readonly value: InfectionChoice; readonly title: string; readonly detail: string }[] = [
  { value: 'without-restart', title: 'Try to disinfect without computer reboot', detail: 'Recommended.' },
  {
    value: 'with-restart',
    title: 'Disinfect and reboot the computer',
    detail: 'Save your work first. All programs will close.',
  },
]

/** One of them is taken when nobody chooses, and says so. */
export function InfectionChoices({ choice, atZero, byItself, onChoose }: InfectionChoicesProps) {
  return (
    <div className="alert-choices" role="radiogroup" aria-label="What to do">
      {choices.map(({ value, title, detail }) => (
        <label key={value} className="alert-choice" data-chosen={choice === value || undefined}>
          <input
            type="radio"
            name="choice"
            className="alert-radio"
            checked={choice === value}
            onChange={() => onChoose(value)}
          />
          <span>
            <span className="t-strong">{title}</span>
            <span className="t-caption t-3">{value === atZero ? `${detail} ${byItselfText(byItself)}` : detail}</span>
          </span>
        </label>
      ))}
    </div>
  )
}
