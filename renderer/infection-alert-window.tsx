// Entry of the window "Active infection found".
import './bridge/no-eval.ts'
import './bridge/trusted-types.ts'
import { startPage } from './components/page.tsx'
import { InfectionAlertWindow } from './features/alerts/InfectionAlertWindow.tsx'

startPage(<InfectionAlertWindow />)
