// The page a password link opens: choose a password, then sign in. Owns the steps; a dead link has its own screen.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { Mark } from '#shared/ui/Mark.tsx'
import { setPassword } from '../../bridge/account.ts'
import { PublicLayout } from '../../components/PublicLayout.tsx'
import { navigate } from '../../state/route.ts'
import { DeadLink } from './DeadLink.tsx'
import { InsecureNotice } from './InsecureNotice.tsx'
import { NewPassword } from './NewPassword.tsx'
import { rememberEmail } from './remembered-email.ts'
import { type LinkInfo, useLink } from './use-link.ts'

/** For new accounts and for a forgotten password alike. */
export function PasswordPage({ token }: { readonly token: string }) {
  const { link, retry } = useLink(token)
  const [done, setDone] = useState<LinkInfo>()
  if (done !== undefined) return <PasswordDone info={done} />
  return (
    <PublicLayout>
      {link.kind === 'loading' && (
        <p className="t-2 card-wait" role="status">
          Reading the link
        </p>
      )}
      {link.kind === 'failed' && <DeadLink error={link.error} token={token} onRetry={retry} />}
      {link.kind === 'ready' && (
        <>
          <h1 className="t-title">{link.info.purpose === 'reset' ? 'Choose a new password' : 'Create a password'}</h1>
          <p className="t-2 wrap-anywhere">
            for <span className="t-address">{link.info.email}</span>
          </p>
          <InsecureNotice />
          <NewPassword
            verb={link.info.purpose === 'reset' ? 'Save password' : 'Create password'}
            onSubmit={async (password) => {
              await setPassword(token, password, link.info.salt)
              setDone(link.info)
            }}
          />
        </>
      )}
    </PublicLayout>
  )
}

function PasswordDone({ info }: { readonly info: LinkInfo }) {
  const signIn = () => {
    rememberEmail(info.email)
    navigate('/sign-in', { replace: true })
  }
  return (
    <PublicLayout>
      <div className="card-mark">
        <Mark state="protected" size={48} />
      </div>
      <h1 className="t-title">{info.purpose === 'reset' ? 'Password changed' : 'Password created'}</h1>
      <p className="t-2 wrap-anywhere">
        Sign in as <span className="t-address">{info.email}</span>, here or in the app on your computer.
      </p>
      <div className="card-actions">
        <Button variant="filled" size="lg" fullWidth onClick={signIn} autoFocus>
          Sign in
        </Button>
      </div>
    </PublicLayout>
  )
}
