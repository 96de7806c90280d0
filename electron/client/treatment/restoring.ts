// Puts copies of Quarantine back. What a person restores and excludes is allowed from then on, before the file is there, so
// that no automatic scan comes in between; what could not be restored is not allowed either.
import type { Detection } from '#shared/domain/detection.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { fileName } from '#shared/domain/path-text.ts'
import { lossText } from '#shared/domain/restore-text.ts'
import { shortened } from '#shared/domain/shortened.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { EngineContract } from '#shared/engine-protocol/engine-contract.ts'
import { codeOf, type ErrorCode, ProductError } from '#shared/errors.ts'
import type { TreatmentIntent } from '#shared/files/detection-lines.ts'
import type { CallOutput } from '#shared/rpc/contract.ts'
import type { AllowList } from '../detections/allow-list.ts'
import type { Ledger, LedgerEntry } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { LogPort } from '../ports.ts'
import { openCodes } from './act-words.ts'
import { isBack } from './restored-check.ts'

export interface RestoreRequest {
  readonly id: QuarantineId
  /** Null: where it came from. */
  readonly target: FilePath | null
  readonly makeFolder: boolean
  /** Also if it is still detected; its content is allowed from then on. */
  readonly exclude: boolean
}

export type Restored = CallOutput<EngineContract, 'quarantine.restore'>

export interface Restoring {
  /** Throws the engine's reason. */
  restore(request: RestoreRequest, origin: Origin): Promise<Restored>
  /** One whose intent is written down, to its old place. Throws the engine's reason, which is not written down yet. */
  carryOut(entry: LedgerEntry, intent: TreatmentIntent): Promise<void>
  /** One whose end is not known is never repeated: what is at the old place says whether it was done. */
  settle(entry: LedgerEntry, intent: TreatmentIntent): Promise<void>
  /** What the intent says about its content being allowed. */
  excluding(detection: Detection, exclude: boolean): Pick<TreatmentIntent, 'exclude'>
}

export interface RestoringDeps {
  readonly ledger: Ledger
  readonly engine: Pick<EngineService, 'call' | 'usable'>
  readonly allowed: AllowList
  readonly log: LogPort
  readonly onSettled: (detection: Detection) => void
  readonly onAllowed: (path: FilePath) => void
  /** A restore was tried: what is known of the copy may have changed. */
  readonly onTried: () => void
  readonly putOff: (id: DetectionId, code: ErrorCode) => Promise<void>
}

export function createRestoring(deps: RestoringDeps): Restoring {
  return new RestoringObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class RestoringObject implements Restoring {
  private readonly deps: RestoringDeps

  constructor(deps: RestoringDeps) {
    this.deps = deps
  }

  readonly restore: Restoring['restore'] = async (request, origin) => {
    await this.deps.engine.usable()
    const entry = [...this.deps.ledger.entries()].find(({ detection }) => detection.quarantineId === request.id)
    return entry ? this.listed(entry, request, origin) : this.unlisted(request)
  }

  readonly carryOut: Restoring['carryOut'] = async (entry, intent) => {
    const { quarantineId: id } = entry.detection
    if (!id) throw new ProductError('not-found')
    const request = { id, target: null, makeFolder: false, exclude: intent.exclude !== undefined }
    await this.run(entry, intent, request)
  }

  readonly settle: Restoring['settle'] = async ({ detection }, intent) => {
    const { ledger, onSettled } = this.deps
    if (await isBack(detection)) {
      onSettled(await ledger.move(detection.id, 'restored', { by: intent.origin }))
      return
    }
    await this.disallow(detection, intent)
    await ledger.release(detection.id)
  }

  readonly excluding: Restoring['excluding'] = ({ sha256 }, exclude) => {
    if (!exclude) return {}
    return { exclude: this.deps.allowed.has(sha256) ? 'known' : 'new' }
  }

  /** A copy that the ledger does not know any more, or another one than the object's own. */
  private readonly unlisted = async (request: RestoreRequest): Promise<Restored> => {
    const restored = await this.ask(request)
    if (request.exclude && (await this.deps.allowed.add(restored.sha256, fileName(restored.path.text))))
      this.deps.onAllowed(restored.path)
    return restored
  }

  private readonly listed = async (entry: LedgerEntry, request: RestoreRequest, origin: Origin): Promise<Restored> => {
    const { ledger, putOff } = this.deps
    const { id } = entry.detection
    const excluding = this.excluding(entry.detection, request.exclude)
    if (!(await ledger.begin(id, { act: 'restore', origin, ...excluding }))) throw new ProductError('already-running')
    try {
      return await this.run(entry, { ...excluding, origin }, request)
    } catch (error) {
      const code = codeOf(error)
      // Without an answer it is not known what happened: that is found out later.
      if (openCodes.has(code)) await putOff(id, code)
      else if (ledger.get(id)?.intent) await ledger.release(id, code)
      throw error
    }
  }

  private readonly run = async (
    { detection }: LedgerEntry,
    intent: Pick<TreatmentIntent, 'exclude' | 'origin'>,
    request: RestoreRequest,
  ): Promise<Restored> => {
    const { ledger, onSettled, onAllowed } = this.deps
    const { id, sha256, path } = detection
    try {
      if (intent.exclude === 'new') await this.allow(sha256, path)
      const restored = await this.ask(request)
      onSettled(await ledger.move(id, 'restored', { by: intent.origin, ...noteOf(request, restored) }))
      if (intent.exclude === 'new') onAllowed(restored.path)
      return restored
    } catch (error) {
      if (!openCodes.has(codeOf(error))) await this.disallow(detection, intent)
      throw error
    }
  }

  private readonly ask = async ({ id, target, makeFolder, exclude }: RestoreRequest): Promise<Restored> => {
    try {
      return await this.deps.engine.call('quarantine.restore', { id, target, makeFolder, evenIfDetected: exclude })
    } finally {
      this.deps.onTried()
    }
  }

  /** What cannot be excluded is not restored: the next scan would take it away again. */
  private readonly allow = async (sha256: string, path: FilePath): Promise<void> => {
    try {
      await this.deps.allowed.add(sha256, fileName(path.text))
    } catch (error) {
      throw new ProductError('io-error', 'exclusions', { cause: error })
    }
  }

  private readonly disallow = async (
    { sha256 }: Detection,
    { exclude }: Pick<TreatmentIntent, 'exclude'>,
  ): Promise<void> => {
    if (exclude !== 'new') return
    try {
      await this.deps.allowed.remove([sha256])
    } catch (error) {
      this.deps.log.error('allow entry not removed', { code: codeOf(error) })
    }
  }
}

function noteOf({ target }: RestoreRequest, { path, notKept }: Restored): { readonly note?: string } {
  const place = target === null ? '' : `To ${path.text}.`
  const note = [place, lossText(notKept)].filter(Boolean).join(' ')
  return note === '' ? {} : { note: shortened(note, 256) }
}
