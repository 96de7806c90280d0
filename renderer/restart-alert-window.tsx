// Entry of the window "Restart asked for".
import './bridge/no-eval.ts'
import './bridge/trusted-types.ts'
import { startPage } from './components/page.tsx'
import { RestartAlertWindow } from './features/alerts/RestartAlertWindow.tsx'

startPage(<RestartAlertWindow />)
