// Said where the browser gives no cryptography, because the page was loaded over plain http from another computer.
// Owns the sentence only.
import { FormError } from '#shared/ui/FormError.tsx'
import { canDeriveProof } from '../../bridge/password-keys.ts'

/** Nothing where all is well. */
export function InsecureNotice() {
  if (canDeriveProof()) return null
  return (
    <FormError>
      Open this page over https. Your browser does not protect passwords on a page that was loaded without it, so
      sign-in is not possible here.
    </FormError>
  )
}
