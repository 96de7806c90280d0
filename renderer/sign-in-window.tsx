// Entry of the sign-in window.
import './bridge/no-eval.ts'
import './bridge/trusted-types.ts'
import { startPage } from './components/page.tsx'
import { SignInWindow } from './features/sign-in/SignInWindow.tsx'

startPage(<SignInWindow />)
