// Puts copies of Quarantine back. What a person restores although it is detected is allowed from then on, before the file
// is there, so that no automatic scan comes in between.
import type { Detection } from '#shared/domain/detection.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { fileName } from '#shared/domain/path-text.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import { codeOf, type ErrorCode, ProductError } from '#shared/errors.ts'
import type { AllowList } from '../detections/allow-list.ts'
import type { Ledger, LedgerEntry } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { LogPort } from '../ports.ts'
import { openCodes } from './act-words.ts'

export interface RestoreRequest {
  readonly id: QuarantineId
  readonly target: FilePath | null
  readonly evenIfDetected: boolean
}

export interface Restoring {
  /** Throws the engine's reason. */
  restore(request: RestoreRequest, origin: Origin): Promise<FilePath>
}

export interface RestoringDeps {
  readonly ledger: Ledger
  readonly engine: Pick<EngineService, 'call' | 'usable'>
  readonly allowed: AllowList
  readonly log: LogPort
  readonly onSettled: (detection: Detection) => void
  readonly onAllowed: (path: FilePath) => void
  readonly putOff: (id: DetectionId, code: ErrorCode) => Promise<void>
}

export function createRestoring(deps: RestoringDeps): Restoring {
  const { ledger, engine, allowed, onSettled, onAllowed } = deps

  /** A copy that the ledger does not know any more. */
  async function restoreUnlisted(request: RestoreRequest): Promise<FilePath> {
    const { path, sha256 } = await engine.call('quarantine.restore', request)
    if (request.evenIfDetected && (await allow(sha256, path))) onAllowed(path)
    return path
  }

  async function allow(sha256: string, path: FilePath): Promise<boolean> {
    try {
      return await allowed.add(sha256, fileName(path.text))
    } catch (error) {
      deps.log.error('allow entry not written', { code: codeOf(error) })
      return false
    }
  }

  async function restoreListed(entry: LedgerEntry, request: RestoreRequest, origin: Origin): Promise<FilePath> {
    const { id, sha256, path: from } = entry.detection
    if (!(await ledger.begin(id, { act: 'restore', origin }))) throw new ProductError('already-running')
    const isNew = request.evenIfDetected && (await allow(sha256, from))
    try {
      const { path } = await engine.call('quarantine.restore', request)
      onSettled(await ledger.move(id, 'restored', { by: origin }))
      if (isNew) onAllowed(path)
      return path
    } catch (error) {
      const code = codeOf(error)
      // Without an answer it is not known what happened: that is found out later.
      if (openCodes.has(code)) await deps.putOff(id, code)
      else await undo(entry, code, isNew)
      throw error
    }
  }

  async function undo({ detection }: LedgerEntry, code: ErrorCode, isNew: boolean): Promise<void> {
    if (!ledger.get(detection.id)?.intent) return
    await ledger.release(detection.id, code)
    if (!isNew) return
    await allowed
      .remove(detection.sha256)
      .catch((error: unknown) => deps.log.error('allow entry not removed', { code: codeOf(error) }))
  }

  return {
    async restore(request, origin) {
      await engine.usable()
      const entry = [...ledger.entries()].find(({ detection }) => detection.quarantineId === request.id)
      return entry ? restoreListed(entry, request, origin) : restoreUnlisted(request)
    },
  }
}
