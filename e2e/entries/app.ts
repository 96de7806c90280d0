// The app's main process for end-to-end tests: the product's own, with the test entry of the engine process in place of the
// product's. Never packaged.
import path from 'node:path'
import { startApp } from '../../electron/main/app.ts'

startApp({ engineHostFile: path.join(import.meta.dirname, 'engine-host.js') })
