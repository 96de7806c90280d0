// Entry of the main window.
import './bridge/no-eval.ts'
import './bridge/trusted-types.ts'
import { MainWindow } from './components/MainWindow.tsx'
import { startPage } from './components/page.tsx'

startPage(<MainWindow />)
