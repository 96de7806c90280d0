// Carries out what was decided about detected objects: intent on disk, order to the engine, outcome on disk. At most two at
// once, each detection by one act at a time. Never decides by itself; see shared/domain/policy.ts for who does.
import { actionsFor, type Detection, type DetectionAction, isUnprocessed } from '#shared/domain/detection.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { Origin, PendingResult, TreatmentVerb } from '#shared/domain/treatment.ts'
import { codeOf, type ErrorCode, ProductError } from '#shared/errors.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import type { Ledger, LedgerEntry } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { LogPort } from '../ports.ts'
import { isBack } from './restored-check.ts'
import { createTurns } from './turns.ts'

export interface TreatmentService {
  /** Treats detections whose intent is already written. Resolves when all of them ended. */
  carryOut(ids: readonly DetectionId[]): Promise<void>
  /** Acts on many; what is already dealt with counts as done. */
  act(ids: readonly string[], action: DetectionAction, origin: Origin): Promise<ActResult>
  /** Puts one copy back. Throws the engine's reason. */
  restore(request: RestoreRequest, origin: Origin): Promise<FilePath>
  /** Settles what an earlier run left open. Runs before the engine may be used. */
  recover(): Promise<void>
  /** Orders again what is still open after `recover`. */
  resume(): void
}

export interface RestoreRequest {
  readonly id: QuarantineId
  readonly target: FilePath | null
  readonly evenIfDetected: boolean
}

export interface TreatmentDeps {
  readonly ledger: Ledger
  readonly engine: EngineService
  readonly log: LogPort
  readonly onSettled: (detection: Detection) => void
}

const atOnce = 2
const maxAttempts = 3
const engineWaitMs = 180_000
/** Failures after which the order is given once more: the engine went away under it. */
const lostCodes: ReadonlySet<ErrorCode> = new Set(['peer-gone', 'engine-unavailable', 'engine-crash'])

export function createTreatmentService(deps: TreatmentDeps): TreatmentService {
  return new TreatmentServiceObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class TreatmentServiceObject implements TreatmentService {
  private readonly ledger: TreatmentDeps['ledger']
  private readonly engine: TreatmentDeps['engine']
  private readonly log: TreatmentDeps['log']
  private readonly onSettled: TreatmentDeps['onSettled']
  private readonly turns = createTurns(atOnce)
  private readonly active = new Map<string, Promise<void>>()

  constructor({ ledger, engine, log, onSettled }: TreatmentDeps) {
    this.ledger = ledger
    this.engine = engine
    this.log = log
    this.onSettled = onSettled
  }

  /** One detection at a time; a second request waits for the first. */
  private readonly carryOutOne = (id: DetectionId): Promise<void> => {
    const running = this.active.get(id)
    if (running !== undefined) return running
    const job = this.turns.run(() => this.order(id)).finally(() => this.active.delete(id))
    this.active.set(id, job)
    return job
  }

  private readonly order = async (id: DetectionId): Promise<void> => {
    let lastCode: ErrorCode = 'engine-unavailable'
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const waited = await this.engineUsable()
      // Meanwhile `recover` may have learnt how it ended.
      const entry = this.ledger.get(id)
      if (!entry?.intent) return
      if (!waited) break
      // A restore is never repeated by itself.
      if (entry.intent.act === 'restore' && attempt > 0) break
      try {
        await this.orderOnce(entry, entry.intent)
        return
      } catch (error) {
        lastCode = codeOf(error)
        if (!lostCodes.has(lastCode)) return this.fail(entry, lastCode)
      }
    }
    const entry = this.ledger.get(id)
    if (entry?.intent) await this.fail(entry, lastCode)
  }

  private readonly engineUsable = async (): Promise<boolean> => {
    try {
      await this.engine.usable(engineWaitMs)
      return true
    } catch {
      return false
    }
  }

  private readonly orderOnce = async (
    entry: LedgerEntry,
    intent: NonNullable<LedgerEntry['intent']>,
  ): Promise<void> => {
    const { id } = entry.detection
    if (intent.act === 'restore') {
      await this.restoreCopy({ id: copyOf(entry), target: null, evenIfDetected: false })
      this.onSettled(await this.ledger.move(id, 'restored', { by: intent.origin }))
      return
    }
    const outcome = await this.engine.call('treat.object', {
      detectionId: id,
      object: entry.object,
      verb: intent.act,
      origin: intent.origin,
      databaseVersion: entry.databaseVersion,
    })
    this.onSettled(await this.ledger.settle(id, outcome, intent.origin))
  }

  /** A failed treatment is a state of the object; a failed restore leaves the object where it was. */
  private readonly fail = async (entry: LedgerEntry, code: ErrorCode): Promise<void> => {
    const { id } = entry.detection
    if (!entry.intent) return
    this.log.warn('act failed', { detection: id, act: entry.intent.act, code })
    if (entry.intent.act === 'restore') return this.ledger.release(id, code)
    this.onSettled(await this.ledger.settle(id, { status: 'failed', code }, entry.intent.origin))
  }

  private readonly restoreCopy = (request: RestoreRequest) => this.engine.call('quarantine.restore', request)

  readonly restore = async (request: RestoreRequest, origin: Origin): Promise<FilePath> => {
    await this.engine.usable()
    const entry = [...this.ledger.entries()].find(({ detection }) => detection.quarantineId === request.id)
    if (!entry) return (await this.restoreCopy(request)).path
    const { id } = entry.detection
    if (!(await this.ledger.begin(id, 'restore', origin))) throw new ProductError('already-running')
    try {
      const { path } = await this.restoreCopy(request)
      this.onSettled(await this.ledger.move(id, 'restored', { by: origin }))
      return path
    } catch (error) {
      // Without an answer it is not known what happened: `recover` finds out.
      if (!lostCodes.has(codeOf(error)) && this.ledger.get(id)?.intent) await this.ledger.release(id, codeOf(error))
      throw error
    }
  }

  private readonly actOne = async (id: string, action: DetectionAction, origin: Origin): Promise<keyof ActResult> => {
    await this.active.get(id)?.catch(() => undefined)
    const entry = this.ledger.get(id)
    if (!entry) return 'failed'
    const { detection } = entry
    if (entry.intent) return 'failed'
    if (detection.state === 'at-restart') return 'needRestart'
    if (action === 'skip') return this.skip(detection, origin)
    const wanted: TreatmentVerb | 'restore' = action === 'process' ? 'disinfect' : action
    if (!actionsFor(detection).includes(wanted)) return isDone(detection, wanted) ? 'done' : 'failed'
    if (!(await this.ledger.begin(detection.id, wanted, origin))) return 'failed'
    await this.carryOutOne(detection.id)
    const after = this.ledger.get(id)?.detection
    return after ? resultOf(after, wanted) : 'failed'
  }

  private readonly skip = async (detection: Detection, origin: Origin): Promise<keyof ActResult> => {
    if (detection.state === 'skipped' || !isUnprocessed(detection.state)) return 'done'
    this.onSettled(await this.ledger.move(detection.id, 'skipped', { by: origin }))
    return 'done'
  }

  readonly act = async (ids: readonly string[], action: DetectionAction, origin: Origin): Promise<ActResult> => {
    const results = await Promise.all(
      [...new Set(ids)].map((id) => this.actOne(id, action, origin).catch((error: unknown) => this.lost(id, error))),
    )
    const count = (kind: keyof ActResult) => results.filter((result) => result === kind).length
    return { done: count('done'), failed: count('failed'), needRestart: count('needRestart') }
  }

  private readonly lost = (id: string, error: unknown): 'failed' => {
    this.log.error('act could not be recorded', { detection: id, error: String(error) })
    return 'failed'
  }

  readonly recover = async (): Promise<void> => {
    await this.applyResults((await this.engine.call('treat.recover', {})).results)
    await this.applyResults((await this.engine.call('treat.replayPending', {})).results)
    await this.settleRestores()
  }

  private readonly applyResults = async (results: readonly PendingResult[]): Promise<void> => {
    for (const { detectionId, outcome } of results) {
      const entry = this.ledger.get(detectionId)
      if (!entry || (!entry.intent && entry.detection.state !== 'at-restart')) continue
      const { rev } = entry.detection
      const after = await this.ledger.settle(detectionId, outcome, entry.intent?.origin ?? { kind: 'restart' })
      if (after.rev !== rev) this.onSettled(after)
    }
  }

  /** A restore is never repeated by itself: what is at the old place says whether it was done. */
  private readonly settleRestores = async (): Promise<void> => {
    for (const { detection, intent } of [...this.ledger.entries()]) {
      if (intent?.act !== 'restore') continue
      if (await isBack(detection))
        this.onSettled(await this.ledger.move(detection.id, 'restored', { by: intent.origin }))
      else await this.ledger.release(detection.id)
    }
  }

  readonly carryOut: TreatmentService['carryOut'] = async (ids) => {
    await Promise.all(ids.map(this.carryOutOne))
  }

  readonly resume: TreatmentService['resume'] = () => {
    for (const { detection, intent } of this.ledger.entries()) {
      if (!intent || intent.act === 'restore') continue
      this.carryOutOne(detection.id).catch((error: unknown) => this.lost(detection.id, error))
    }
  }
}

function copyOf({ detection }: LedgerEntry): QuarantineId {
  if (!detection.quarantineId) throw new ProductError('not-found')
  return detection.quarantineId
}

/** True when nothing is left to do for what was asked. */
function isDone(detection: Detection, wanted: TreatmentVerb | 'restore'): boolean {
  return wanted === 'restore' ? detection.state === 'restored' : !isUnprocessed(detection.state)
}

function resultOf(detection: Detection, wanted: TreatmentVerb | 'restore'): keyof ActResult {
  if (detection.state === 'at-restart') return 'needRestart'
  return isDone(detection, wanted) ? 'done' : 'failed'
}
