// The sign-in window: the form, or "check your mail" after Create. Closes when this computer is connected.
import { useEffect, useState } from 'react'
import { useClient } from '../../bridge/client-context.tsx'
import { useTopic } from '../../state/mirror.ts'
import { CheckMail } from './CheckMail.tsx'
import { SignInForm } from './SignInForm.tsx'
import './sign-in.css'

type Step = { readonly kind: 'form' } | { readonly kind: 'mail'; readonly email: string; readonly sentAt: number }

/** The content of the window. The password lives in the form alone, and goes with it. */
export function SignInWindow() {
  const client = useClient()
  const account = useTopic('account')
  const [step, setStep] = useState<Step>({ kind: 'form' })
  const [email, setEmail] = useState(account.status === 'disconnected' ? account.email : '')
  const isConnected = account.status === 'connected'
  useEffect(() => {
    if (isConnected) void client.call('window.closeSignIn', {}).catch(() => undefined)
  }, [client, isConnected])
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') void client.call('window.closeSignIn', {}).catch(() => undefined)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [client])
  return (
    <main className="sign-in">
      {step.kind === 'form' ? (
        <SignInForm
          email={email}
          onEmail={setEmail}
          onSent={() => setStep({ kind: 'mail', email: email.trim(), sentAt: Date.now() })}
        />
      ) : (
        <CheckMail
          email={step.email}
          sentAt={step.sentAt}
          onSentAgain={() => setStep({ ...step, sentAt: Date.now() })}
          onBack={() => setStep({ kind: 'form' })}
          onOther={() => {
            setEmail('')
            setStep({ kind: 'form' })
          }}
        />
      )}
    </main>
  )
}
