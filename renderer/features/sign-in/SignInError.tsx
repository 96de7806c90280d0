// Why signing in or creating did not work, and the next step (A9). Owns the words that the kit's table says too generally.
import { brand } from '#shared/brand.ts'
import { type ErrorCode, ProductError } from '#shared/errors.ts'
import { FormError } from '#shared/ui/FormError.tsx'
import { errorSentence } from '#shared/ui/text/error-text.ts'
import { useTopic } from '../../state/mirror.ts'

export interface SignInErrorProps {
  readonly work: 'sign-in' | 'create'
  readonly error: unknown
  /** While the portal asks to wait. */
  readonly secondsLeft: number
}

/** One line in red, announced at once. */
export function SignInError({ work, error, secondsLeft }: SignInErrorProps) {
  const { portalUrl } = useTopic('cloud')
  return <FormError>{sentence(work, error, secondsLeft, portalUrl)}</FormError>
}

function sentence(work: SignInErrorProps['work'], error: unknown, secondsLeft: number, portalUrl: string): string {
  const code: ErrorCode = error instanceof ProductError ? error.code : 'internal'
  switch (code) {
    case 'wrong-credentials':
      return 'Check the e-mail and the password: one of them is wrong. Or choose Forgot your password.'
    case 'not-activated':
      return 'Open the link in the message we sent you, then sign in. The account is not activated yet.'
    case 'slow-down':
      return secondsLeft > 0 ? `Wait ${secondsLeft} s: there were too many attempts.` : 'Try again now.'
    case 'portal-unreachable':
      return `Check the network. ${brand.portal} does not answer at ${portalUrl}.`
    case 'portal-error':
      return `Try again in a few minutes. ${brand.portal} has a problem.`
    case 'mail-not-sent':
      return 'Check the address and try again in a few minutes. The message could not be sent.'
    case 'too-many-requests':
      return work === 'create'
        ? 'Wait a few minutes: too many messages were asked for.'
        : 'Wait a minute, then try again.'
    default:
      return errorSentence(error)
  }
}
