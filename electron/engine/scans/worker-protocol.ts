// What the engine's main thread and its scan workers tell each other, and the cells of memory they share.
// Both sides are our own code from one build in one process: plain types, no validation.

import type { ObjectLook, ScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { BufferScanResult, FileScanResult } from '../scanner.ts'

/** What a look at an open descriptor says; null: nothing can be said about it. */
export type OpenResult = BufferScanResult | null

/** Handed to a worker when it starts. */
export interface WorkerSetup {
  readonly index: number
  /** `controlCells` 32-bit cells, see `cell`. */
  readonly control: SharedArrayBuffer
  /** File in which the worker notes each single object before it reads it; survives the process. */
  readonly objectSlotFile: string
}

export interface WorkerBatch {
  readonly batchId: number
  readonly paths: readonly Uint8Array[]
  /** File in which the worker notes each path before it reads it; survives the process. */
  readonly slotFile: string
}

export type ToWorker =
  /** Make a scanner of these databases and keep it aside. `generation`: what they and the settings are, as one name. */
  | {
      readonly t: 'prepare'
      readonly loadId: number
      readonly generation: string
      readonly databases: LoadedDatabases
      readonly config: ScannerConfig
    }
  /** From now on scan with what was prepared last. */
  | { readonly t: 'use'; readonly loadId: number }
  /** Another worker could not prepare it: go on as before. */
  | { readonly t: 'drop'; readonly loadId: number }
  | { readonly t: 'batch'; readonly batch: WorkerBatch }
  /** `key`: what is noted in the slot. */
  | {
      readonly t: 'object'
      readonly requestId: number
      readonly key: string
      readonly path: Uint8Array
      readonly look: ObjectLook
    }
  /** A descriptor of this process. */
  | { readonly t: 'open'; readonly requestId: number; readonly key: string; readonly fd: number }
  /** Look at the control cells now. */
  | { readonly t: 'wake' }

export type FromWorker =
  | { readonly t: 'prepared'; readonly loadId: number; readonly problem: string | null }
  | ({ readonly t: 'results'; readonly batchId: number } & Delivery)
  | { readonly t: 'object'; readonly requestId: number; readonly result: FileScanResult }
  | { readonly t: 'open'; readonly requestId: number; readonly result: OpenResult }

/** `results[i]` belongs to `paths[from + i]`. */
export interface Delivery {
  readonly from: number
  readonly results: readonly FileScanResult[]
  /** The worker is free, the remaining paths were not touched. */
  readonly ended: boolean
  /** What all of these were scanned with. */
  readonly generation: string
}

/** Cells of the memory shared with one worker. */
export const cell = {
  /** Written by the engine: 1 = give the running batch back as soon as the current file can be left. */
  hold: 0,
  /** Written by the worker: which path of the batch it is at. */
  position: 1,
  /** Written by the worker: another number with every sign of life while it reads something; 0 = it reads nothing. */
  sign: 2,
  /** Written by the worker: what it reads, see `reading`. */
  reading: 3,
  /** Written by the engine: share of its time the worker may be busy with batches, in thousandths. */
  duty: 4,
} as const
export const controlCells = 5

export const reading = { nothing: 0, batch: 1, object: 2 } as const
export type Reading = (typeof reading)[keyof typeof reading]
