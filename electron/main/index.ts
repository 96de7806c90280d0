// Entry of the product's main process.
import { startApp } from './app.ts'
import { isTreatHelper, runTreatHelper } from './treat-helper-mode.ts'

if (isTreatHelper(process.argv)) runTreatHelper().catch(() => process.exit(1))
else startApp({})
