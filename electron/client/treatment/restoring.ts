// Puts copies of Quarantine back. What a person restores and excludes is allowed from then on, before the file is there, so
// that no automatic scan comes in between; what could not be restored is not allowed either.
import { givenEntriesText } from '#shared/domain/acts-text.ts'
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
import { diskCodes, openCodes } from './act-words.ts'
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
  /** One whose intent is written down. Throws the engine's reason; a definite one is written down then. */
  carryOut(entry: LedgerEntry, intent: TreatmentIntent): Promise<void>
  /** One whose end is not known is never repeated: what is at its place says whether it was done. */
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
  readonly onAllowed: (path: FilePath, by: Origin) => void
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
    return entry ? this.listed(entry, request, origin) : this.unlisted(request, origin)
  }

  readonly carryOut: Restoring['carryOut'] = async (entry, intent) => {
    const { quarantineId: id } = entry.detection
    if (!id) throw new ProductError('copy-gone')
    const target = intent.target ?? null
    const request = { id, target, makeFolder: false, exclude: intent.exclude !== undefined }
    await this.run(entry, intent, request)
  }

  readonly settle: Restoring['settle'] = async ({ detection }, intent) => {
    const { ledger, onSettled } = this.deps
    const { id, path, busy, reason } = detection
    if (await isBack(detection, intent.target)) {
      const note = noteOf({ target: intent.target ?? null, exclude: intent.exclude !== undefined, notKept: [] })
      onSettled(await ledger.move(id, 'restored', { by: intent.origin, ...note }))
      if (intent.exclude === 'new') this.deps.onAllowed(intent.target ?? path, intent.origin)
      return
    }
    await this.disallow(detection, intent)
    // What was put off said why; what was cut by the end of the app did not.
    onSettled(await ledger.release(id, (busy ? undefined : reason) ?? 'aborted'))
  }

  readonly excluding: Restoring['excluding'] = ({ sha256 }, exclude) => {
    if (!exclude) return {}
    return { exclude: this.deps.allowed.has(sha256) ? 'known' : 'new' }
  }

  /** A copy that the ledger does not know any more, or another one than the object's own. */
  private readonly unlisted = async (request: RestoreRequest, origin: Origin): Promise<Restored> => {
    const restored = await this.ask(request)
    if (request.exclude && (await this.deps.allowed.add(restored.sha256, fileName(restored.path.text))))
      this.deps.onAllowed(restored.path, origin)
    return restored
  }

  private readonly listed = async (entry: LedgerEntry, request: RestoreRequest, origin: Origin): Promise<Restored> => {
    const { ledger, putOff } = this.deps
    const { id } = entry.detection
    const intent = {
      ...this.excluding(entry.detection, request.exclude),
      ...(request.target ? { target: request.target } : {}),
      origin,
    }
    if (!(await ledger.begin(id, { act: 'restore', ...intent }))) throw new ProductError('already-running')
    try {
      return await this.run(entry, intent, request)
    } catch (error) {
      // Without an answer it is not known what happened: that is found out later.
      if (ledger.get(id)?.intent) await putOff(id, codeOf(error))
      throw error
    }
  }

  private readonly run = async (
    { detection }: LedgerEntry,
    intent: Pick<TreatmentIntent, 'exclude' | 'origin' | 'target'>,
    request: RestoreRequest,
  ): Promise<Restored> => {
    const { ledger, onSettled, onAllowed } = this.deps
    const { id, sha256, path } = detection
    const { exclude, origin } = intent
    let restored: Restored
    try {
      if (exclude === 'new') await this.allow(sha256, path)
      restored = await this.ask(request)
    } catch (error) {
      await this.refused(detection, intent, codeOf(error))
      throw error
    }
    const { notKept, entries } = restored
    const note = noteOf({ ...request, target: request.target && restored.path, notKept, entries })
    onSettled(await ledger.move(id, 'restored', { by: origin, ...note }))
    if (exclude === 'new') onAllowed(restored.path, origin)
    return restored
  }

  /** Writes down an answer that is definite. A full or broken disk is one where nothing of the file is at its place. */
  private readonly refused = async (
    detection: Detection,
    intent: Pick<TreatmentIntent, 'exclude' | 'target'>,
    code: ErrorCode,
  ): Promise<void> => {
    const { ledger, onSettled } = this.deps
    const isDefinite = !openCodes.has(code) || (diskCodes.has(code) && !(await isBack(detection, intent.target)))
    if (!isDefinite) return
    await this.disallow(detection, intent)
    onSettled(await ledger.release(detection.id, code))
  }

  private readonly ask = async ({ id, target, makeFolder, exclude }: RestoreRequest): Promise<Restored> => {
    try {
      return await this.deps.engine.call('quarantine.restore', { id, target, makeFolder, evenIfDetected: exclude })
    } catch (error) {
      const isFolder = error instanceof ProductError && error.detail === 'folder'
      throw codeOf(error) === 'not-found' && !isFolder
        ? new ProductError('copy-gone', undefined, { cause: error })
        : error
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

interface Put {
  /** Null: where it came from. */
  readonly target: FilePath | null
  readonly exclude: boolean
  readonly notKept: Restored['notKept']
  readonly entries?: Restored['entries']
}

/** What the state alone does not say. */
function noteOf({ target, exclude, notKept, entries }: Put): { readonly note?: string } {
  const place = target === null ? '' : `To ${target.text}.`
  const given = entries === undefined ? '' : givenEntriesText(entries, 150)
  const excluded = exclude ? 'Excluded from scans.' : ''
  const note = [excluded, place, given === '' ? '' : `${given}.`, lossText(notKept)].filter(Boolean).join(' ')
  return note === '' ? {} : { note: shortened(note, 256) }
}
