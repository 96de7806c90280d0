// Entry of a scan thread of the engine process.
import { startWorker } from './worker-main.ts'

startWorker()
