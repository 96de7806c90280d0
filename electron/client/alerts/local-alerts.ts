// Which findings of a local scan the person at the computer is asked about: what runs now, and what nobody may decide alone.
// Scans from the portal, the schedule and real-time protection ask nobody and are never held up here. Owns that choice.
import type { DetectionId, ScanId } from '#shared/domain/ids.ts'
import type { ActivePlan, Origin } from '#shared/domain/treatment.ts'
import { codeOf } from '#shared/errors.ts'
import type { FoundObject, LedgerEntry } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { LogPort } from '../ports.ts'
import { createTurns } from '../treatment/turns.ts'
import type { InfectionAlerts } from './infection-alerts.ts'
import type { ObjectAlerts } from './object-alerts.ts'
import { isActive } from './plan-view.ts'

/** Who found something. */
export interface Source {
  readonly origin: Origin
  readonly scanId?: ScanId
}

/** What runs, by the finding it belongs to. */
export type ActiveFindings = ReadonlyMap<FoundObject, ActivePlan>

export interface LocalAlerts {
  /** Looks which of these run now; they wait for the person. */
  activeAmong(source: Source, found: readonly FoundObject[]): Promise<ActiveFindings>
  /** They are written down: asks about those that wait. `entries` are those of `found`, in order. */
  recorded(source: Source, found: readonly FoundObject[], entries: readonly LedgerEntry[], active: ActiveFindings): void
}

export interface LocalAlertDeps {
  readonly engine: Pick<EngineService, 'call'>
  readonly objects: ObjectAlerts
  readonly infection: InfectionAlerts
  /** Verdict names that do not count. */
  readonly excluded: () => readonly string[]
  readonly log: LogPort
}

const atOnce = 2
/** As many as one call may carry. */
const mostAsked = 100

export function createLocalAlerts({ engine, objects, infection, excluded, log }: LocalAlertDeps): LocalAlerts {
  const infections = ({ findings, object }: FoundObject) =>
    (findings ?? object.findings).filter(
      ({ verdict, threat }) => verdict === 'infected' && !excluded().includes(threat),
    )

  /** What is only suspicious, or kept by the settings, is no infection. */
  const mayBeInfection = (one: FoundObject) => one.state === 'found' && infections(one).length > 0

  /** One quick look for many; only what runs is worth a plan. */
  async function running(found: readonly FoundObject[]): Promise<FoundObject[]> {
    try {
      const { active } = await engine.call('treat.active', { objects: found.map(({ object }) => object) })
      return active.flatMap((index) => found[index] ?? [])
    } catch (error) {
      log.warn('not known what runs', { code: codeOf(error) })
      return []
    }
  }

  /** An engine that cannot say it holds nothing up: the object is treated as every other. */
  async function planOf({ object }: FoundObject): Promise<ActivePlan | null> {
    try {
      return await engine.call('treat.plan', { object })
    } catch (error) {
      log.warn('no plan of an object', { code: codeOf(error) })
      return null
    }
  }

  return {
    async activeAmong({ origin }, found) {
      const active = new Map<FoundObject, ActivePlan>()
      if (origin.kind !== 'local') return active
      const inTurn = createTurns(atOnce)
      const look = (one: FoundObject) =>
        inTurn.run(async () => {
          const plan = await planOf(one)
          if (plan && isActive(plan)) active.set(one, plan)
        })
      const candidates = found.filter(mayBeInfection)
      for (let at = 0; at < candidates.length; at += mostAsked)
        await Promise.all((await running(candidates.slice(at, at + mostAsked))).map(look))
      return active
    },
    recorded({ origin, scanId }, found, entries, active) {
      if (origin.kind !== 'local') return
      const asked: DetectionId[] = []
      const running = entries.flatMap((entry, index) => {
        const one = found[index]
        const { id, state } = entry.detection
        // An earlier finding of it is being treated, or waits for a restart.
        if (!one || entry.intent || state === 'at-restart') return []
        const plan = active.get(one)
        if (plan) return [{ id, findings: infections(one), plan }]
        if (one.state === 'found' && one.act === null) asked.push(id)
        return []
      })
      infection.found(running)
      if (asked.length > 0) objects.ask(asked, scanId)
    },
  }
}
