// The page an activation link opens. One click activates: programs that merely follow links use nothing up.
// Owns the steps; a dead link has its own screen.
import { Button } from '@mantine/core'
import { useState } from 'react'
import { Mark } from '#shared/ui/Mark.tsx'
import { activate } from '../../bridge/account.ts'
import { PublicLayout } from '../../components/PublicLayout.tsx'
import { navigate } from '../../state/route.ts'
import { DeadLink } from './DeadLink.tsx'
import { rememberEmail } from './remembered-email.ts'
import { useForm } from './use-form.ts'
import { useLink } from './use-link.ts'

/** Ends with the way to sign-in. */
export function ActivatePage({ token }: { readonly token: string }) {
  const { link, retry } = useLink(token)
  const [done, setDone] = useState(false)
  const form = useForm()
  const failed = link.kind === 'failed' ? link.error : form.error
  if (failed !== undefined) {
    return (
      <PublicLayout>
        <DeadLink error={failed} token={token} onRetry={link.kind === 'failed' ? retry : () => form.run(use)} />
      </PublicLayout>
    )
  }
  if (link.kind !== 'ready')
    return (
      <PublicLayout>
        {
          <p className="t-2 card-wait" role="status">
            Reading the link
          </p>
        }
      </PublicLayout>
    )
  async function use() {
    await activate(token)
    setDone(true)
  }
  const signIn = () => {
    if (link.kind === 'ready') rememberEmail(link.info.email)
    navigate('/sign-in', { replace: true })
  }
  return (
    <PublicLayout>
      <div className="card-mark">
        <Mark state={done ? 'protected' : 'brand'} size={48} />
      </div>
      <h1 className="t-title">{done ? 'Account activated' : 'Activate your account'}</h1>
      <p className="t-2 wrap-anywhere">
        {done ? 'Sign in as ' : 'for '}
        <span className="t-address">{link.info.email}</span>
        {done && ', here or in the app on your computer.'}
      </p>
      <div className="card-actions">
        <Button variant="filled" size="lg" fullWidth loading={form.busy} onClick={done ? signIn : () => form.run(use)}>
          {done ? 'Sign in' : 'Activate'}
        </Button>
      </div>
    </PublicLayout>
  )
}
