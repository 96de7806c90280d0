// Acts that a person asked for, here or from the portal, on one object or on many: what each means for the object, how each ended,
// and one word about many together. Owns no order itself; the treatment service carries out.
import { type Detection, type DetectionAction, isUnprocessed } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { TreatmentSettings } from '#shared/domain/policy.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import type { Ledger, LedgerEntry } from '../detections/ledger.ts'
import { type Acted, countedFindings, endOf, endWithout, tallyOf, verbFor } from './act-words.ts'
import type { Restoring } from './restoring.ts'
import { createTurns } from './turns.ts'

export interface ActOptions {
  readonly origin: Origin
  readonly isStopped?: () => boolean
  /** A person at the computer agreed to lose what no copy can be kept of. */
  readonly withoutCopy?: boolean
  /** A person at the computer agreed to keep a copy that is larger than those that are kept unasked. */
  readonly largeCopy?: boolean
}

/** What was done to many objects by one act of a person. */
export interface ActedOnMany {
  readonly action: DetectionAction
  readonly origin: Origin
  readonly withoutCopy: boolean
  /** How many it was asked for. */
  readonly total: number
  readonly result: ActResult
}

export interface Acting {
  act(ids: readonly string[], action: DetectionAction, options: ActOptions): Promise<ActResult>
  /** True while it is one of many: their sum is told, not each. */
  isOneOfMany(id: string): boolean
}

export interface ActingDeps {
  readonly ledger: Ledger
  readonly settings: () => TreatmentSettings
  readonly onSettled: (detection: Detection) => void
  readonly onActed: (acted: ActedOnMany) => void
  readonly restoring: Pick<Restoring, 'excluding'>
  /** Resolves when what runs on an object is over. */
  readonly idle: (id: string) => Promise<unknown>
  readonly carryThrough: (id: DetectionId) => Promise<void>
  readonly lost: (id: string, error: unknown) => void
}

/** So many are told one by one. */
export const toldOneByOne = 10
const failed: Acted = { end: 'failed' }

export function createActing(deps: ActingDeps, atOnce: number): Acting {
  const { ledger, onSettled, onActed } = deps
  const together = new Map<string, number>()

  async function skip({ detection, intent }: LedgerEntry, origin: Origin): Promise<Acted> {
    // Nobody knows yet what became of it.
    if (intent) return failed
    if (detection.state === 'skipped' || !isUnprocessed(detection.state)) return { end: 'done' }
    onSettled(await ledger.move(detection.id, 'skipped', { by: origin }))
    return { end: 'done' }
  }

  async function one(id: string, action: DetectionAction, options: ActOptions): Promise<Acted> {
    const { origin, withoutCopy = false, largeCopy = false } = options
    await deps.idle(id)
    const entry = ledger.get(id)
    if (!entry) return { end: 'failed', reason: 'not-found' }
    const { detection } = entry
    if (entry.intent && detection.busy) return { end: 'failed', reason: 'already-running' }
    if (detection.state === 'at-restart') return { end: 'needRestart' }
    if (action === 'skip') return skip(entry, origin)
    if ((withoutCopy || largeCopy) && detection.state !== 'backup-failed') return failed
    const act = verbFor(action)
    const end = endWithout(detection, action)
    if (end) return end
    const how =
      act === 'restore'
        ? deps.restoring.excluding(detection, action === 'restore-and-exclude')
        : {
            findings: countedFindings(entry.object.findings, deps.settings().excludedThreats),
            ...(withoutCopy ? { withoutCopy: true as const } : {}),
            ...(largeCopy ? { largeCopy: true as const } : {}),
          }
    if (!(await ledger.begin(detection.id, { act, origin, ...how })))
      return { end: 'failed', reason: 'already-running' }
    await deps.carryThrough(detection.id)
    return endOf(ledger.get(id)?.detection, act)
  }

  function mark(ids: readonly string[], change: 1 | -1): void {
    for (const id of ids) {
      const count = (together.get(id) ?? 0) + change
      if (count > 0) together.set(id, count)
      else together.delete(id)
    }
  }

  async function all(asked: readonly string[], action: DetectionAction, options: ActOptions): Promise<ActResult> {
    const { isStopped = () => false } = options
    const inTurn = createTurns(atOnce)
    const ends = asked.map((id) =>
      inTurn.run(async () => {
        if (isStopped()) return null
        return one(id, action, options).catch((error: unknown) => {
          deps.lost(id, error)
          return failed
        })
      }),
    )
    return tallyOf(asked as DetectionId[], await Promise.all(ends))
  }

  return {
    isOneOfMany: (id) => together.has(id),
    async act(ids, action, options) {
      const asked = [...new Set(ids)]
      if (asked.length <= toldOneByOne) return all(asked, action, options)
      mark(asked, 1)
      try {
        const result = await all(asked, action, options)
        const { origin, withoutCopy = false } = options
        onActed({ action, origin, withoutCopy, total: asked.length, result })
        return result
      } finally {
        mark(asked, -1)
      }
    },
  }
}
