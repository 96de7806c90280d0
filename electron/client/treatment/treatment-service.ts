// Carries out what was decided about detected objects: intent on disk, order to the engine, outcome on disk. At most two at
// once, each detection by one act at a time. An order without an answer stays open until it is known how it ended.
// Never decides by itself; see shared/domain/policy.ts for who does.
import type { Detection, DetectionAction } from '#shared/domain/detection.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { TreatmentSettings } from '#shared/domain/policy.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import { codeOf, type ErrorCode } from '#shared/errors.ts'
import type { TreatmentIntent } from '#shared/files/detection-lines.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import type { AllowList } from '../detections/allow-list.ts'
import type { Ledger, LedgerEntry } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock, LogPort } from '../ports.ts'
import { endOf, lostCodes, openCodes, tallyOf } from './act-words.ts'
import { type ActedOnMany, type Acting, type ActOptions, createActing } from './acting.ts'
import { elevatedIntent } from './elevated-intent.ts'
import { createRecovery, type Recovery } from './recovery.ts'
import { rescan } from './rescan.ts'
import { createRestoring, type Restored, type RestoreRequest, type Restoring } from './restoring.ts'
import { createRetries, type Retries } from './retries.ts'
import { createTurns } from './turns.ts'
import { createWaitingLook, type WaitingLook } from './waiting-look.ts'

export interface TreatmentService {
  /** Treats detections whose intent is already written. Resolves when all of them ended or were put off. */
  carryOut(ids: readonly DetectionId[]): Promise<void>
  /** Acts on many; what is already dealt with counts as done. `isStopped` is asked before each: the rest is left. */
  act(ids: readonly string[], action: DetectionAction, how: ActOptions): Promise<ActResult>
  /** Continues with one object as administrator, where that is offered. */
  elevate(id: DetectionId, origin: Origin): Promise<ActResult>
  /** Puts one copy back. Throws the engine's reason. */
  restore(request: RestoreRequest, origin: Origin): Promise<Restored>
  /** Settles what an earlier run left open. Runs before the engine may be used. */
  recover(): Promise<void>
  /** Orders again what is still open after `recover`, and from then on looks at what waits for a restart from time to time. */
  resume(): void
  /** Nothing is tried again by itself any more. */
  stop(): void
}

export interface TreatmentDeps {
  readonly ledger: Ledger
  readonly engine: EngineService
  readonly allowed: AllowList
  readonly settings: () => TreatmentSettings
  readonly clock: Clock
  readonly log: LogPort
  /** `isOneOfMany`: their sum is told by `onActed`. */
  readonly onSettled: (detection: Detection, isOneOfMany?: boolean) => void
  /** A person acted on many at once. */
  readonly onActed: (acted: ActedOnMany) => void
  /** This content is not treated automatically any more, as somebody asked. */
  readonly onAllowed: (path: FilePath, by: Origin) => void
  /** A restore was tried: what is known of the copy may have changed. */
  readonly onTried: () => void
}

type TreatCall = 'treat.object' | 'treat.elevate'

const atOnce = 2
const maxAttempts = 3
const engineWaitMs = 180_000

export function createTreatmentService(deps: TreatmentDeps): TreatmentService {
  return new TreatmentServiceObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class TreatmentServiceObject implements TreatmentService {
  private readonly deps: TreatmentDeps
  private readonly ledger: TreatmentDeps['ledger']
  private readonly engine: TreatmentDeps['engine']
  private readonly onSettled: TreatmentDeps['onSettled']
  private readonly turns = createTurns(atOnce)
  private readonly active = new Map<string, Promise<void>>()
  private readonly retries: Retries
  private readonly restoring: Restoring
  private readonly acting: Acting
  private readonly recovery: Recovery
  private readonly waiting: WaitingLook
  private stopped = false

  constructor(deps: TreatmentDeps) {
    this.deps = deps
    this.ledger = deps.ledger
    this.engine = deps.engine
    this.onSettled = (detection) => deps.onSettled(detection, this.acting.isOneOfMany(detection.id))
    const { onSettled } = this
    this.retries = createRetries(deps.clock, (id) => this.again(id))
    this.restoring = createRestoring({ ...deps, onSettled, putOff: this.putOff })
    const idle = (id: string) => this.active.get(id)?.catch(() => undefined) ?? Promise.resolve()
    const { restoring, carryThrough, lost } = this
    this.acting = createActing({ ...deps, onSettled, restoring, carryThrough, idle, lost }, atOnce)
    this.recovery = createRecovery({
      ...deps,
      onSettled,
      settled: this.retries.forget,
      settleRestore: this.settleRestore,
    })
    this.waiting = createWaitingLook({ ...deps, replay: this.recovery.replay, followUp: (id) => this.followUp(id) })
  }

  /** One detection at a time; a second request waits for the first. */
  private readonly carryOutOne = (id: DetectionId): Promise<void> => {
    const running = this.active.get(id)
    if (running !== undefined) return running
    const job = this.turns.run(() => this.order(id)).finally(() => this.active.delete(id))
    this.active.set(id, job)
    return job
  }

  /** What changed meanwhile is looked at again, once. */
  private readonly carryThrough = async (id: DetectionId): Promise<void> => {
    await this.carryOutOne(id)
    await this.followUp(id)
  }

  private readonly followUp = async (id: DetectionId): Promise<void> => {
    const { allowed } = this.deps
    const next = await rescan({ ...this.deps, isAllowed: allowed.has }, id)
    await Promise.all(next.map(this.carryOutOne))
  }

  private readonly order = async (id: DetectionId, call: TreatCall = 'treat.object'): Promise<void> => {
    let lastCode: ErrorCode = 'engine-unavailable'
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const waited = await this.engineUsable()
      // Meanwhile `recover` may have learnt how it ended.
      const entry = this.ledger.get(id)
      if (!entry?.intent) return this.retries.forget(id)
      if (!waited) break
      // A restore is never repeated by itself.
      if (entry.intent.act === 'restore' && attempt > 0) break
      try {
        // Nobody is asked for a password twice by one click.
        await this.orderOnce(entry, entry.intent, attempt === 0 ? call : 'treat.object')
        return this.retries.forget(id)
      } catch (error) {
        lastCode = codeOf(error)
        // It is written down already.
        if (!this.ledger.get(id)?.intent) return this.retries.forget(id)
        if (!openCodes.has(lastCode)) return this.fail(entry, lastCode)
        if (!lostCodes.has(lastCode)) break
      }
    }
    await this.putOff(id, lastCode)
  }

  private readonly engineUsable = async (): Promise<boolean> => {
    try {
      await this.engine.usable(engineWaitMs)
      return true
    } catch {
      return false
    }
  }

  private readonly orderOnce = async (entry: LedgerEntry, intent: TreatmentIntent, call: TreatCall): Promise<void> => {
    const { id } = entry.detection
    if (intent.act === 'restore') return this.restoring.carryOut(entry, intent)
    const outcome = await this.engine.call(call, {
      detectionId: id,
      object: intent.findings ? { ...entry.object, findings: intent.findings } : entry.object,
      verb: intent.act,
      origin: intent.origin,
      databaseVersion: entry.databaseVersion,
      ...(intent.withoutCopy ? { withoutCopy: true } : {}),
      ...(intent.largeCopy ? { largeCopy: true } : {}),
    })
    this.onSettled(await this.ledger.settle(id, outcome, intent.origin))
  }

  /** A failed treatment is a state of the object; a failed restore leaves the object where it was. */
  private readonly fail = async (entry: LedgerEntry, code: ErrorCode): Promise<void> => {
    const { id } = entry.detection
    this.retries.forget(id)
    if (!entry.intent) return
    this.deps.log.warn('act failed', { detection: id, act: entry.intent.act, code })
    if (entry.intent.act === 'restore') return this.onSettled(await this.ledger.release(id, code))
    this.onSettled(await this.ledger.settle(id, { status: 'failed', code }, entry.intent.origin))
  }

  /** The engine may have done it or may still do it: the intent stays, and it is asked again later. */
  private readonly putOff = async (id: DetectionId, code: ErrorCode): Promise<void> => {
    this.deps.log.warn('act put off', { detection: id, code })
    this.retries.later(id)
    try {
      this.onSettled(await this.ledger.putOff(id, code))
    } catch (error) {
      this.lost(id, error)
    }
  }

  /** The same order given twice is carried out once; the engine answers what came of it. */
  private readonly again = (id: DetectionId): void => {
    const entry = this.ledger.get(id)
    if (this.stopped || !entry?.intent) return
    const job = entry.intent.act === 'restore' ? this.settleRestore(entry, entry.intent) : this.carryThrough(id)
    job.catch((error: unknown) => {
      this.lost(id, error)
      this.retries.later(id)
    })
  }

  readonly elevate: TreatmentService['elevate'] = async (id, origin) => {
    await this.active.get(id)?.catch(() => undefined)
    const entry = this.ledger.get(id)
    const intent = entry && elevatedIntent(entry, this.deps.settings().excludedThreats, origin)
    if (!intent || !(await this.ledger.begin(id, intent))) return tallyOf([id], [{ end: 'failed' }])
    // Not one of the turns: a person may take minutes to answer, and others go on meanwhile.
    const job = this.order(id, 'treat.elevate').finally(() => this.active.delete(id))
    this.active.set(id, job)
    await job
    await this.followUp(id)
    return tallyOf([id], [endOf(this.ledger.get(id)?.detection, intent.act)])
  }

  readonly act: TreatmentService['act'] = (...given) => this.acting.act(...given)

  private readonly lost = (id: string, error: unknown): void =>
    this.deps.log.error('act could not be recorded', { detection: id, error: String(error) })

  private readonly settleRestore = (entry: LedgerEntry, intent: TreatmentIntent): Promise<void> => {
    this.retries.forget(entry.detection.id)
    return this.restoring.settle(entry, intent)
  }

  /** A restore that is put off is somebody else's business: see `recover`. */
  readonly carryOut: TreatmentService['carryOut'] = async (ids) => {
    const treatable = ids.filter((id) => isTreatment(this.ledger.get(id)))
    await Promise.all(treatable.map(this.carryThrough))
  }

  readonly resume: TreatmentService['resume'] = () => {
    this.waiting.start()
    for (const entry of this.ledger.entries()) {
      const { id, state } = entry.detection
      const job = isTreatment(entry) ? this.carryThrough(id) : state === 'changed' ? this.followUp(id) : null
      job?.catch((error: unknown) => this.lost(id, error))
    }
  }

  readonly restore: TreatmentService['restore'] = (request, origin) => this.restoring.restore(request, origin)

  readonly recover: TreatmentService['recover'] = () => this.recovery.recover()

  readonly stop: TreatmentService['stop'] = () => {
    this.stopped = true
    this.waiting.stop()
    this.retries.stop()
  }
}

function isTreatment(entry: LedgerEntry | undefined): boolean {
  return entry?.intent !== null && entry !== undefined && entry.intent.act !== 'restore'
}
