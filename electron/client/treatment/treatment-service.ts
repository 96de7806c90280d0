// Carries out what was decided about detected objects: intent on disk, order to the engine, outcome on disk. At most two at
// once, each detection by one act at a time. Never decides by itself; see shared/domain/policy.ts for who does.
import { actionsFor, type Detection, type DetectionAction, isUnprocessed } from '#shared/domain/detection.ts'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
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

export function createTreatmentService({ ledger, engine, log, onSettled }: TreatmentDeps): TreatmentService {
  const turns = createTurns(atOnce)
  const active = new Map<string, Promise<void>>()

  /** One detection at a time; a second request waits for the first. */
  function carryOutOne(id: DetectionId): Promise<void> {
    const running = active.get(id)
    if (running) return running
    const job = turns.run(() => order(id)).finally(() => active.delete(id))
    active.set(id, job)
    return job
  }

  async function order(id: DetectionId): Promise<void> {
    let lastCode: ErrorCode = 'engine-unavailable'
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const waited = await engineUsable()
      // Meanwhile `recover` may have learnt how it ended.
      const entry = ledger.get(id)
      if (!entry?.intent) return
      if (!waited) break
      // A restore is never repeated by itself.
      if (entry.intent.act === 'restore' && attempt > 0) break
      try {
        await orderOnce(entry, entry.intent)
        return
      } catch (error) {
        lastCode = codeOf(error)
        if (!lostCodes.has(lastCode)) return fail(entry, lastCode)
      }
    }
    const entry = ledger.get(id)
    if (entry?.intent) await fail(entry, lastCode)
  }

  async function engineUsable(): Promise<boolean> {
    try {
      await engine.usable(engineWaitMs)
      return true
    } catch {
      return false
    }
  }

  async function orderOnce(entry: LedgerEntry, intent: NonNullable<LedgerEntry['intent']>): Promise<void> {
    const { id } = entry.detection
    if (intent.act === 'restore') {
      await restoreCopy({ id: copyOf(entry), target: null, evenIfDetected: false })
      onSettled(await ledger.move(id, 'restored', { by: intent.origin }))
      return
    }
    const outcome = await engine.call('treat.object', {
      detectionId: id,
      object: entry.object,
      verb: intent.act,
      origin: intent.origin,
      databaseVersion: entry.databaseVersion,
    })
    onSettled(await ledger.settle(id, outcome, intent.origin))
  }

  /** A failed treatment is a state of the object; a failed restore leaves the object where it was. */
  async function fail(entry: LedgerEntry, code: ErrorCode): Promise<void> {
    const { id } = entry.detection
    if (!entry.intent) return
    log.warn('act failed', { detection: id, act: entry.intent.act, code })
    if (entry.intent.act === 'restore') return ledger.release(id, code)
    onSettled(await ledger.settle(id, { status: 'failed', code }, entry.intent.origin))
  }

  const restoreCopy = (request: RestoreRequest) => engine.call('quarantine.restore', request)

  async function restore(request: RestoreRequest, origin: Origin): Promise<FilePath> {
    await engine.usable()
    const entry = [...ledger.entries()].find(({ detection }) => detection.quarantineId === request.id)
    if (!entry) return (await restoreCopy(request)).path
    const { id } = entry.detection
    if (!(await ledger.begin(id, 'restore', origin))) throw new ProductError('already-running')
    try {
      const { path } = await restoreCopy(request)
      onSettled(await ledger.move(id, 'restored', { by: origin }))
      return path
    } catch (error) {
      // Without an answer it is not known what happened: `recover` finds out.
      if (!lostCodes.has(codeOf(error)) && ledger.get(id)?.intent) await ledger.release(id, codeOf(error))
      throw error
    }
  }

  async function actOne(id: string, action: DetectionAction, origin: Origin): Promise<keyof ActResult> {
    const running = active.get(id)
    if (running) await running.catch(() => undefined)
    const entry = ledger.get(id)
    if (!entry) return 'failed'
    const { detection } = entry
    if (entry.intent) return 'failed'
    if (detection.state === 'at-restart') return 'needRestart'
    if (action === 'skip') return skip(detection, origin)
    const wanted: TreatmentVerb | 'restore' = action === 'process' ? 'disinfect' : action
    if (!actionsFor(detection).includes(wanted)) return isDone(detection, wanted) ? 'done' : 'failed'
    if (!(await ledger.begin(detection.id, wanted, origin))) return 'failed'
    await carryOutOne(detection.id)
    const after = ledger.get(id)?.detection
    return after ? resultOf(after, wanted) : 'failed'
  }

  async function skip(detection: Detection, origin: Origin): Promise<keyof ActResult> {
    if (detection.state === 'skipped' || !isUnprocessed(detection.state)) return 'done'
    onSettled(await ledger.move(detection.id, 'skipped', { by: origin }))
    return 'done'
  }

  async function act(ids: readonly string[], action: DetectionAction, origin: Origin): Promise<ActResult> {
    const results = await Promise.all([...new Set(ids)].map((id) => actOne(id, action, origin).catch((error: unknown) => lost(id, error))))
    const count = (kind: keyof ActResult) => results.filter((result) => result === kind).length
    return { done: count('done'), failed: count('failed'), needRestart: count('needRestart') }
  }

  function lost(id: string, error: unknown): 'failed' {
    log.error('act could not be recorded', { detection: id, error: String(error) })
    return 'failed'
  }

  async function recover(): Promise<void> {
    await applyResults((await engine.call('treat.recover', {})).results)
    await applyResults((await engine.call('treat.replayPending', {})).results)
    await settleRestores()
  }

  async function applyResults(results: readonly PendingResult[]): Promise<void> {
    for (const { detectionId, outcome } of results) {
      const entry = ledger.get(detectionId)
      if (!entry || (!entry.intent && entry.detection.state !== 'at-restart')) continue
      const { rev } = entry.detection
      const after = await ledger.settle(detectionId, outcome, entry.intent?.origin ?? { kind: 'restart' })
      if (after.rev !== rev) onSettled(after)
    }
  }

  /** A restore is never repeated by itself: what is at the old place says whether it was done. */
  async function settleRestores(): Promise<void> {
    for (const { detection, intent } of [...ledger.entries()]) {
      if (intent?.act !== 'restore') continue
      if (await isBack(detection)) onSettled(await ledger.move(detection.id, 'restored', { by: intent.origin }))
      else await ledger.release(detection.id)
    }
  }

  return {
    async carryOut(ids) {
      await Promise.all(ids.map(carryOutOne))
    },
    act,
    restore,
    recover,
    resume() {
      for (const { detection, intent } of ledger.entries()) {
        if (!intent || intent.act === 'restore') continue
        carryOutOne(detection.id).catch((error: unknown) => lost(detection.id, error))
      }
    },
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
