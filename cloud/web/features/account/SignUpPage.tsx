// Portal sign-up (A2): address and password first, then an activation link. Owns the form; reveals nothing about addresses.
import { useState } from 'react'
import { brand } from '#shared/brand.ts'
import { signUp } from '../../bridge/account.ts'
import { Link } from '../../components/Link.tsx'
import { PublicLayout } from '../../components/PublicLayout.tsx'
import { CheckMail } from './CheckMail.tsx'
import { EmailField, emailProblem } from './EmailField.tsx'
import { InsecureNotice } from './InsecureNotice.tsx'
import { NewPassword } from './NewPassword.tsx'
import { rememberEmail, rememberedEmail } from './remembered-email.ts'

/** No sign-in before activation. */
export function SignUpPage() {
  const [email, setEmail] = useState(rememberedEmail)
  const [checked, setChecked] = useState(false)
  const [askAgain, setAskAgain] = useState<() => Promise<void>>()
  if (askAgain !== undefined) return <ActivationSent email={email.trim()} onResend={askAgain} />
  const problem = emailProblem(email)
  const submit = async (password: string) => {
    setChecked(true)
    if (problem !== undefined) return
    rememberEmail(email.trim())
    const again = await signUp(email.trim(), password)
    setAskAgain(() => again)
  }
  return (
    <PublicLayout>
      <h1 className="t-title">Create an account</h1>
      <p className="t-2">For {brand.portal} and for the app on your computers.</p>
      <InsecureNotice />
      <NewPassword
        verb="Create"
        onSubmit={submit}
        before={<EmailField value={email} onChange={setEmail} error={checked ? problem : undefined} autoFocus />}
      />
      <div className="card-other">
        <span className="t-2">Have an account? </span>
        <Link to="/sign-in">Sign in</Link>
      </div>
    </PublicLayout>
  )
}

function ActivationSent({ email, onResend }: { readonly email: string; readonly onResend: () => Promise<void> }) {
  return (
    <PublicLayout>
      <CheckMail
        lead={
          <>
            We sent a message to <span className="t-address">{email}</span>.
          </>
        }
        steps={[
          'Open the link. It works once, for 24 hours.',
          'Activate the account on the page that opens.',
          'Sign in here and in the app.',
        ]}
        onResend={onResend}
      />
    </PublicLayout>
  )
}
