// Signing in and creating, without the drawing: what is missing, what runs, what failed. The password is forgotten when it
// has been used, and with the window.
import { useState } from 'react'
import { Email } from '#shared/domain/primitives.ts'
import { useClient } from '../../bridge/client-context.tsx'

export type Work = 'sign-in' | 'create'

/** What a field wants, by field. */
export interface Missing {
  readonly email?: string
  readonly password?: string
}

export interface SignIn {
  readonly password: string
  readonly setPassword: (password: string) => void
  /** What runs now. */
  readonly work: Work | null
  readonly failure: { readonly work: Work; readonly error: unknown } | null
  readonly missing: Missing
  /** Both answer with what is missing, and then do nothing else. */
  readonly signIn: () => Missing
  readonly create: () => Missing
}

/** `onSent`: the message with the link is on its way. */
export function useSignIn(given: string, onSent: () => void): SignIn {
  const client = useClient()
  const email = given.trim()
  const [password, setPassword] = useState('')
  const [work, setWork] = useState<Work | null>(null)
  const [failure, setFailure] = useState<SignIn['failure']>(null)
  const [missing, setMissing] = useState<Missing>({})

  const start = (kind: Work, run: () => Promise<void>): Missing => {
    if (work !== null) return {}
    const wrong = { ...missingEmail(email), ...(kind === 'sign-in' ? missingPassword(password) : {}) }
    setMissing(wrong)
    if (Object.keys(wrong).length > 0) return wrong
    setWork(kind)
    setFailure(null)
    run()
      .catch((error: unknown) => setFailure({ work: kind, error }))
      .finally(() => setWork(null))
    return {}
  }
  const signIn = () =>
    start('sign-in', async () => {
      await client.call('account.signIn', { email, password })
      setPassword('')
    })
  const create = () =>
    start('create', async () => {
      await client.call('account.create', { email })
      onSent()
    })
  return { password, setPassword, work, failure, missing, signIn, create }
}

/** What is wrong with an address; nothing when it is one. */
export function missingEmail(email: string): Missing {
  if (Email.safeParse(email).success) return {}
  return { email: email === '' ? 'Enter your e-mail.' : 'Check the e-mail address.' }
}

function missingPassword(password: string): Missing {
  return password === '' ? { password: 'Enter your password.' } : {}
}
