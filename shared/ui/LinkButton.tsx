// An action that looks like a link. Owns nothing but the look; links that lead somewhere are real <a> elements.
import type { ReactNode } from 'react'

export interface LinkButtonProps {
  readonly onClick: () => void
  readonly disabled?: boolean
  /** Takes no click at this moment, without looking so. */
  readonly 'aria-disabled'?: boolean
  readonly children: ReactNode
}

/** For the quiet action beside a heading or in a banner. */
export function LinkButton({ onClick, disabled = false, children, ...rest }: LinkButtonProps) {
  return (
    <button type="button" className="ui-link" onClick={onClick} disabled={disabled} {...rest}>
      {children}
    </button>
  )
}
