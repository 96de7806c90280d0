// What the engine's main thread and its scan workers tell each other, and the cells of memory they share.
// Both sides are our own code from one build in one process: plain types, no validation.

import type { ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { BufferScanResult, FileScanResult } from '../scanner.ts'

/** What a look at an open descriptor says; null: nothing can be said about it. */
export type OpenResult = BufferScanResult | null

/** Handed to a worker when it starts. */
export interface WorkerSetup {
  readonly index: number
  /** `controlCells` 32-bit cells, see `cell`. */
  readonly control: SharedArrayBuffer
}

export interface WorkerBatch {
  readonly batchId: number
  readonly paths: readonly Uint8Array[]
  /** File in which the worker notes each path before it reads it; survives the process. */
  readonly slotFile: string
}

export type ToWorker =
  | {
      readonly t: 'databases'
      readonly generation: number
      readonly databases: LoadedDatabases
      readonly config: ScannerConfig
    }
  | { readonly t: 'batch'; readonly batch: WorkerBatch }
  | { readonly t: 'object'; readonly requestId: number; readonly path: Uint8Array }
  /** A descriptor of this process. */
  | { readonly t: 'open'; readonly requestId: number; readonly fd: number }
  /** Look at the control cells now. */
  | { readonly t: 'wake' }

export type FromWorker =
  | { readonly t: 'loaded'; readonly generation: number; readonly problem: string | null }
  /** `results[i]` belongs to `paths[from + i]`. `ended`: the worker is free, the remaining paths were not touched. */
  | {
      readonly t: 'results'
      readonly batchId: number
      readonly from: number
      readonly results: readonly FileScanResult[]
      readonly ended: boolean
    }
  | { readonly t: 'object'; readonly requestId: number; readonly result: FileScanResult }
  | { readonly t: 'open'; readonly requestId: number; readonly result: OpenResult }

/** Cells of the memory shared with one worker. */
export const cell = {
  /** Written by the engine: 1 = give the running batch back after the current file. */
  hold: 0,
  /** Written by the worker: which path of the batch it is at. */
  position: 1,
  /** Written by the worker: when the current file was begun, in tenths of a second since the epoch of `tenths`; 0 = none. */
  startedAt: 2,
  /** Written by the engine: share of its time the worker may be busy with batches, in thousandths. */
  duty: 3,
} as const
export const controlCells = 4

const epoch = Date.UTC(2024, 0, 1)

/** Now, as it fits a 32-bit cell (until 2030 and beyond: 6.8 years a turn, differences are taken in 32 bits). */
export function tenths(): number {
  return Math.floor((Date.now() - epoch) / 100) | 0 || 1
}
