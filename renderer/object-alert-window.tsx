// Entry of the window "Object detected".
import './bridge/no-eval.ts'
import './bridge/trusted-types.ts'
import { startPage } from './components/page.tsx'
import { ObjectAlertWindow } from './features/alerts/ObjectAlertWindow.tsx'

startPage(<ObjectAlertWindow />)
