// Why a form was not accepted, in red with its icon, announced at once. Owns the arrangement only.
import type { ReactNode } from 'react'
import { StatusIcon } from './StatusIcon.tsx'

/** Begins with what to do. */
export function FormError({ children }: { readonly children: ReactNode }) {
  return (
    <div className="ui-form-error" role="alert">
      <StatusIcon status="danger" />
      <span>{children}</span>
    </div>
  )
}
