// Chooses the screen for the address and for who is signed in. Owns that choice only.
import { lazy, Suspense, useEffect } from 'react'
import { ErrorState } from '#shared/ui/ErrorState.tsx'
import { errorText } from '#shared/ui/text/error-text.ts'
import { loadSession } from './bridge/account.ts'
import { PublicLayout } from './components/PublicLayout.tsx'
import { Shell } from './components/Shell.tsx'
import { ActivatePage } from './features/account/ActivatePage.tsx'
import { ForgotPasswordPage } from './features/account/ForgotPasswordPage.tsx'
import { SignInPage } from './features/account/SignInPage.tsx'
import { UndoQuestionDialog } from './features/commands/UndoQuestionDialog.tsx'
import { NotFoundPage } from './features/NotFoundPage.tsx'
import { navigate, type Route, routeStore } from './state/route.ts'
import { sessionStore } from './state/session.ts'

// Screens that bring much code are loaded when they are needed.
const SignUpPage = lazy(async () => ({ default: (await import('./features/account/SignUpPage.tsx')).SignUpPage }))
const PasswordPage = lazy(async () => ({ default: (await import('./features/account/PasswordPage.tsx')).PasswordPage }))
const DevicesPage = lazy(async () => ({ default: (await import('./features/devices/DevicesPage.tsx')).DevicesPage }))
const DevicePage = lazy(async () => ({ default: (await import('./features/device/DevicePage.tsx')).DevicePage }))

/** The whole page. */
export function App() {
  const route = routeStore((state) => state.route)
  return (
    <Suspense fallback={null}>
      {isPublic(route) ? <PublicScreen route={route} /> : <PrivateScreen route={route} />}
    </Suspense>
  )
}

function isPublic(route: Route): boolean {
  return route.screen !== 'devices' && route.screen !== 'device'
}

function PublicScreen({ route }: { readonly route: Route }) {
  const signedIn = sessionStore((state) => state.status === 'signed-in')
  const leaves = signedIn && (route.screen === 'sign-in' || route.screen === 'sign-up')
  useEffect(() => {
    if (leaves) navigate('/devices', { replace: true })
  }, [leaves])
  if (leaves) return null
  switch (route.screen) {
    case 'sign-in':
      return <SignInPage />
    case 'sign-up':
      return <SignUpPage />
    case 'forgot-password':
      return <ForgotPasswordPage />
    case 'password':
      return <PasswordPage token={route.token} />
    case 'activate':
      return <ActivatePage token={route.token} />
    default:
      return <NotFoundPage />
  }
}

function PrivateScreen({ route }: { readonly route: Route }) {
  const status = sessionStore((state) => state.status)
  const failure = sessionStore((state) => state.failure)
  if (status === 'signed-out') return <SignInPage />
  if (status === 'unknown') return failure === undefined ? null : <Unreachable failure={failure} />
  return (
    <>
      <Shell>
        {route.screen === 'device' ? (
          <DevicePage key={route.deviceId} deviceId={route.deviceId} tab={route.tab} />
        ) : (
          <DevicesPage />
        )}
      </Shell>
      <UndoQuestionDialog />
    </>
  )
}

function Unreachable({ failure }: { readonly failure: unknown }) {
  const { title, todo } = errorText(failure)
  return (
    <PublicLayout>
      <ErrorState title={title} detail={todo} onRetry={() => void loadSession()} />
    </PublicLayout>
  )
}
