// A scan thread: the engine's worker over this thread's port. Lives as long as its process.
import { parentPort, workerData } from 'node:worker_threads'
import { createClamd } from '../engine/detect/clamd/clamd.ts'
import { readLimits } from '../engine/limits/limits.ts'
import { createScanner } from '../engine/scanner.ts'
import { type MakeScanner, runScanWorker } from '../engine/scans/scan-worker.ts'
import type { WorkerSetup } from '../engine/scans/worker-protocol.ts'

/** Starts working; returns at once. `makeScanner` is replaced by tests only. */
export function startWorker(makeScanner: MakeScanner = scannerFor): void {
  if (!parentPort) throw new Error('a scan worker runs in a thread')
  runScanWorker(parentPort, workerData as WorkerSetup, makeScanner)
}

const scannerFor: MakeScanner = (databases, { limits, secondEngine }, pausePoint) => {
  const options = { limits: readLimits(limits), pausePoint }
  return createScanner(databases, secondEngine === 'off' ? options : { ...options, secondEngine: createClamd() })
}
