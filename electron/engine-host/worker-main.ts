// A scan thread: the engine's worker over this thread's port. Lives as long as its process.
import { parentPort, workerData } from 'node:worker_threads'
import { createScanner } from '../engine/scanner.ts'
import { type MakeScanner, runScanWorker } from '../engine/scans/scan-worker.ts'
import type { WorkerSetup } from '../engine/scans/worker-protocol.ts'

/** Starts working; returns at once. `makeScanner` is replaced by tests only. */
export function startWorker(makeScanner: MakeScanner = createScanner): void {
  if (!parentPort) throw new Error('a scan worker runs in a thread')
  runScanWorker(parentPort, workerData as WorkerSetup, makeScanner)
}
