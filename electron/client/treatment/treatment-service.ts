// Carries out what was decided about detected objects: intent on disk, order to the engine, outcome on disk. At most two at
// once, each detection by one act at a time. An order without an answer stays open until it is known how it ended.
// Never decides by itself; see shared/domain/policy.ts for who does.
import { type Detection, type DetectionAction, isUnprocessed } from '#shared/domain/detection.ts'
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
import { type ActEnd, countedFindings, endOf, endWithout, lostCodes, openCodes, tallyOf, verbFor } from './act-words.ts'
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

export interface ActOptions {
  readonly origin: Origin
  readonly isStopped?: () => boolean
  /** A person at the computer agreed to lose what no copy can be kept of. */
  readonly withoutCopy?: boolean
}

export interface TreatmentDeps {
  readonly ledger: Ledger
  readonly engine: EngineService
  readonly allowed: AllowList
  readonly settings: () => TreatmentSettings
  readonly clock: Clock
  readonly log: LogPort
  readonly onSettled: (detection: Detection) => void
  /** This content is not treated automatically any more. */
  readonly onAllowed: (path: FilePath) => void
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
  private readonly recovery: Recovery
  private readonly waiting: WaitingLook
  private stopped = false

  constructor(deps: TreatmentDeps) {
    this.deps = deps
    this.ledger = deps.ledger
    this.engine = deps.engine
    this.onSettled = deps.onSettled
    this.retries = createRetries(deps.clock, (id) => this.again(id))
    this.restoring = createRestoring({ ...deps, putOff: this.putOff })
    this.recovery = createRecovery({ ...deps, settled: this.retries.forget, settleRestore: this.settleRestore })
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
    })
    this.onSettled(await this.ledger.settle(id, outcome, intent.origin))
  }

  /** A failed treatment is a state of the object; a failed restore leaves the object where it was. */
  private readonly fail = async (entry: LedgerEntry, code: ErrorCode): Promise<void> => {
    const { id } = entry.detection
    this.retries.forget(id)
    if (!entry.intent) return
    this.deps.log.warn('act failed', { detection: id, act: entry.intent.act, code })
    if (entry.intent.act === 'restore') return this.ledger.release(id, code)
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

  private readonly actOne = async (id: string, action: DetectionAction, options: ActOptions): Promise<ActEnd> => {
    const { origin, withoutCopy = false } = options
    await this.active.get(id)?.catch(() => undefined)
    const entry = this.ledger.get(id)
    if (!entry) return 'failed'
    const { detection } = entry
    if (entry.intent && detection.busy) return 'failed'
    if (detection.state === 'at-restart') return 'needRestart'
    if (action === 'skip') return this.skip(entry, origin)
    if (withoutCopy && detection.state !== 'backup-failed') return 'failed'
    const act = verbFor(action)
    const end = endWithout(detection, action)
    if (end) return end
    const how =
      act === 'restore'
        ? this.restoring.excluding(detection, action === 'restore-and-exclude')
        : {
            findings: countedFindings(entry.object.findings, this.deps.settings().excludedThreats),
            ...(withoutCopy ? { withoutCopy: true as const } : {}),
          }
    if (!(await this.ledger.begin(detection.id, { act, origin, ...how }))) return 'failed'
    await this.carryThrough(detection.id)
    return endOf(this.ledger.get(id)?.detection, act)
  }

  readonly elevate: TreatmentService['elevate'] = async (id, origin) => {
    await this.active.get(id)?.catch(() => undefined)
    const entry = this.ledger.get(id)
    const intent = entry && elevatedIntent(entry, this.deps.settings().excludedThreats, origin)
    if (!intent || !(await this.ledger.begin(id, intent))) return tallyOf([id], ['failed'], () => undefined)
    // Not one of the turns: a person may take minutes to answer, and others go on meanwhile.
    const job = this.order(id, 'treat.elevate').finally(() => this.active.delete(id))
    this.active.set(id, job)
    await job
    await this.followUp(id)
    const after = this.ledger.get(id)?.detection
    return tallyOf([id], [endOf(after, intent.act)], () => after)
  }

  private readonly skip = async ({ detection, intent }: LedgerEntry, origin: Origin): Promise<ActEnd> => {
    // Nobody knows yet what became of it.
    if (intent) return 'failed'
    if (detection.state === 'skipped' || !isUnprocessed(detection.state)) return 'done'
    this.onSettled(await this.ledger.move(detection.id, 'skipped', { by: origin }))
    return 'done'
  }

  readonly act: TreatmentService['act'] = async (ids, action, options) => {
    const { isStopped = () => false } = options
    const inTurn = createTurns(atOnce)
    const one = (id: string) =>
      inTurn.run(async () => {
        if (isStopped()) return null
        return this.actOne(id, action, options).catch((error: unknown) => this.lost(id, error))
      })
    const asked = [...new Set(ids)]
    const results = await Promise.all(asked.map(one))
    return tallyOf(asked, results, (id) => this.ledger.get(id)?.detection)
  }

  private readonly lost = (id: string, error: unknown): 'failed' => {
    this.deps.log.error('act could not be recorded', { detection: id, error: String(error) })
    return 'failed'
  }

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
