// What the asking side knows of the scans that run in the engine: enough to let them go on after a crash, and to recognise
// what the engine then tells a second time. Holds memory only.

import type { FilePath } from '../domain/file-path.ts'
import type { ScanId } from '../domain/ids.ts'
import type { DetectedObject, NotScannedObject } from '../domain/object-report.ts'
import { codeOf } from '../errors.ts'
import type { CallInput, EventPayload } from '../rpc/contract.ts'
import type { EngineContract } from './engine-contract.ts'

export type ScanStart = CallInput<EngineContract, 'scan.start'>
type ScanControl = CallInput<EngineContract, 'scan.control'>
type Progress = EventPayload<EngineContract, 'scan.progress'>

interface RunningScan {
  readonly request: ScanStart
  /** The order that has to be repeated after a restart. */
  action: 'pause' | 'stop' | null
  percent: number | null
  readonly told: Set<string>
}

export interface ScanLedger {
  running(): readonly Pick<RunningScan, 'request' | 'action'>[]
  /** To be called with every call that is about to be made; `undo` when it failed. */
  before(name: string, input: unknown): { undo(error: unknown): void }
  /** The same progress, with a percentage that does not go back because of a restart. */
  progress(payload: Progress): Progress
  newDetected(scanId: ScanId, objects: readonly DetectedObject[]): DetectedObject[]
  newNotScanned(scanId: ScanId, objects: readonly NotScannedObject[]): NotScannedObject[]
  finished(scanId: ScanId): void
}

export function createScanLedger(): ScanLedger {
  const scans = new Map<string, RunningScan>()

  function started(request: ScanStart) {
    const known = scans.has(request.scanId)
    if (!known) scans.set(request.scanId, { request, action: null, percent: null, told: new Set() })
    return {
      undo: (error: unknown) => {
        // Died under the call: nobody knows whether it began, and the caller was told that it did not.
        if (!known && codeOf(error) !== 'already-running') scans.delete(request.scanId)
      },
    }
  }

  function controlled({ scanId, action }: ScanControl) {
    const scan = scans.get(scanId)
    if (scan) scan.action = action === 'resume' ? null : action
    return { undo: () => undefined }
  }

  function fresh(scanId: string, key: string): boolean {
    const told = scans.get(scanId)?.told
    if (!told) return true
    if (told.has(key)) return false
    told.add(key)
    return true
  }

  return {
    running: () => [...scans.values()],
    before: (name, input) => {
      if (name === 'scan.start') return started(input as ScanStart)
      if (name === 'scan.control') return controlled(input as ScanControl)
      return { undo: () => undefined }
    },
    progress: (payload) => {
      const scan = scans.get(payload.scanId)
      const { percent } = payload.progress
      if (!scan || (percent === null && scan.percent === null)) return payload
      scan.percent = Math.max(percent ?? 0, scan.percent ?? 0)
      return { ...payload, progress: { ...payload.progress, percent: scan.percent } }
    },
    newDetected: (scanId, objects) =>
      objects.filter((each) => fresh(scanId, `d ${keyOf(each.path)} ${each.identity.ino} ${each.identity.sha256}`)),
    newNotScanned: (scanId, objects) =>
      objects.filter((each) => fresh(scanId, `n ${keyOf(each.path)} ${JSON.stringify(each.member)} ${each.reason}`)),
    finished: (scanId) => {
      scans.delete(scanId)
    },
  }
}

function keyOf(path: FilePath): string {
  return path.bytes ?? path.text
}
