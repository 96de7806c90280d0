// The active infection that a local scan found: counts down, treats as the person chose or as is chosen by itself at the end,
// restarts only where that was chosen, and advises a new scan. Owns the countdown, which no window can lose. An app that ends
// meanwhile has done nothing: the objects stay listed.
import {
  type ByItself,
  type InfectionAlert,
  type InfectionChoice,
  infectionCountdownMs,
} from '#shared/domain/alerts.ts'
import type { Detection } from '#shared/domain/detection.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import type { Finding } from '#shared/domain/object-report.ts'
import { automaticVerb } from '#shared/domain/policy.ts'
import { shortened } from '#shared/domain/shortened.ts'
import type { ActivePlan } from '#shared/domain/treatment.ts'
import { codeOf, ProductError } from '#shared/errors.ts'
import type { TreatmentIntent } from '#shared/files/detection-lines.ts'
import type { Ledger } from '../detections/ledger.ts'
import type { Clock, LogPort, Timer } from '../ports.ts'
import type { History } from '../reports/history.ts'
import {
  type ChosenBy,
  type InfectionCounts,
  infectionFound,
  infectionTreated,
} from '../reports/infection-sentences.ts'
import type { RestartService } from '../restart/restart-service.ts'
import type { Topics } from '../state/topics.ts'
import { decided, type Rules } from '../treatment/decided.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'
import type { AfterRestart } from './after-restart.ts'
import { infectionCounts, isOpen } from './infection-counts.ts'
import { noPlan, planView } from './plan-view.ts'

export interface ActiveObject {
  readonly id: DetectionId
  /** Those that justify the act. */
  readonly findings: readonly Finding[]
  readonly plan: ActivePlan
}

export interface InfectionAlerts {
  /** Asks about these, or treats them with what is being treated. */
  found(objects: readonly ActiveObject[]): void
  /** Throws `not-found` when nothing is asked. */
  pause(isPaused: boolean): void
  /** Throws `not-found` when nothing is asked. Resolves when it is done. */
  choose(choice: InfectionChoice): Promise<void>
  /** The window was closed: the time goes on, and a restart is not chosen by itself any more. After the end: gone. */
  dismiss(): void
  /** The person wants to see it again. */
  show(): void
  /** What is done by itself may be something else now. */
  settingsChanged(): void
  /** The engine has finished what waited for a restart: tells what came of it, once. */
  started(): Promise<void>
  stop(): void
}

export interface InfectionAlertDeps {
  readonly ledger: Ledger
  readonly treatment: Pick<TreatmentService, 'carryOut'>
  readonly restarts: Pick<RestartService, 'now'>
  readonly afterRestart: AfterRestart
  readonly restartAtZero: () => boolean
  /** What decides about what is done by itself. */
  readonly rules: () => Rules
  readonly topics: Topics
  readonly history: History
  readonly clock: Clock
  readonly log: LogPort
}

const tickMs = 1_000
/** A computer that has not gone down by then was stopped from it. */
const restartWithinMs = 5 * 60_000
const listed = 20

export function createInfectionAlerts(deps: InfectionAlertDeps): InfectionAlerts {
  return new InfectionAlertsObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class InfectionAlertsObject implements InfectionAlerts {
  private readonly deps: InfectionAlertDeps
  private objects = new Map<DetectionId, ActiveObject>()
  private timer: Timer | null = null
  private tickedAtMs = 0

  constructor(deps: InfectionAlertDeps) {
    this.deps = deps
    deps.ledger.onChange((change) => {
      const id = change.kind === 'changed' ? change.detection.id : change.id
      if (this.objects.has(id) && this.now()?.phase === 'asking') this.dropProcessed()
      if (deps.afterRestart.ids().includes(id)) this.finishedBefore()
    })
  }

  private readonly now = (): InfectionAlert | null => this.deps.topics.get('alerts').infection

  private readonly set = (infection: InfectionAlert | null): void =>
    this.deps.topics.update('alerts', (topic) => ({ ...topic, infection }))

  private readonly asking = (): Extract<InfectionAlert, { phase: 'asking' }> => {
    const alert = this.now()
    if (alert?.phase !== 'asking') throw new ProductError('not-found')
    return alert
  }

  private readonly detectionOf = (id: DetectionId): Detection | undefined => this.deps.ledger.get(id)?.detection

  private readonly about = (): Pick<InfectionAlert, 'objects' | 'total' | 'plan'> => {
    const all = [...this.objects.values()]
    const shown = all.flatMap(({ id }) => {
      const detection = this.detectionOf(id)
      return detection ? [{ id, path: shortened(detection.path.text, 4096), threat: detection.threat }] : []
    })
    return { objects: shown.slice(0, listed), total: all.length, plan: planView(all.map(({ plan }) => plan)) }
  }

  readonly found: InfectionAlerts['found'] = (objects) => {
    if (objects.length === 0) return
    const alert = this.now()
    if (alert?.phase === 'done' || alert === null) this.objects.clear()
    for (const object of objects) this.objects.set(object.id, object)
    if (alert?.phase === 'asking' || alert?.phase === 'working') return this.set({ ...alert, ...this.about() })
    const byItself = this.byItself()
    const atZero = this.deps.restartAtZero() && byItself !== 'nothing' ? 'with-restart' : 'without-restart'
    const fresh = { leftMs: infectionCountdownMs, isPaused: false, isHidden: false, atZero, byItself } as const
    this.set({ phase: 'asking', ...this.about(), ...fresh })
    this.deps.history.add(infectionFound([...this.objects.keys()].flatMap((id) => this.detectionOf(id) ?? [])))
    this.tickSoon()
  }

  private readonly byItself = (): ByItself => {
    const { settings } = this.deps.rules()
    const { disinfect, deleteIfDisinfectionFails } = settings
    if (automaticVerb(settings) === undefined) return 'nothing'
    if (!disinfect) return 'delete'
    return deleteIfDisinfectionFails ? 'disinfect' : 'cure'
  }

  readonly settingsChanged: InfectionAlerts['settingsChanged'] = () => {
    const alert = this.now()
    const byItself = this.byItself()
    if (alert?.phase !== 'asking' || alert.byItself === byItself) return
    this.set({ ...alert, byItself, ...(byItself === 'nothing' ? { atZero: 'without-restart' } : {}) })
  }

  private readonly tickSoon = (): void => {
    this.tickedAtMs = this.deps.clock.monotonicMs()
    this.timer?.cancel()
    this.timer = this.deps.clock.after(tickMs, this.tick)
  }

  private readonly tick = (): void => {
    const alert = this.now()
    if (alert?.phase !== 'asking' || alert.isPaused) return
    const passedMs = this.deps.clock.monotonicMs() - this.tickedAtMs
    const leftMs = Math.max(0, Math.round(alert.leftMs - passedMs))
    this.set({ ...alert, leftMs })
    if (leftMs > 0) this.tickSoon()
    else void this.treatAll(alert.atZero, 'time')
  }

  readonly pause: InfectionAlerts['pause'] = (isPaused) => {
    const alert = this.asking()
    if (alert.isPaused === isPaused) return
    const passedMs = isPaused ? this.deps.clock.monotonicMs() - this.tickedAtMs : 0
    this.set({ ...alert, isPaused, leftMs: Math.max(1, Math.round(alert.leftMs - passedMs)) })
    if (isPaused) this.timer?.cancel()
    else this.tickSoon()
  }

  readonly choose: InfectionAlerts['choose'] = async (choice) => {
    this.asking()
    await this.treatAll(choice, 'person')
  }

  private readonly treatAll = async (choice: InfectionChoice, by: ChosenBy): Promise<void> => {
    this.timer?.cancel()
    this.set({ phase: 'working', ...this.about(), choice })
    const treated = new Set<DetectionId>()
    // What is found running meanwhile, also while that is written down, belongs to the same infection.
    for (let rest = this.untreated(treated); rest.length > 0; rest = this.untreated(treated)) {
      await this.treat(rest, by).catch((error: unknown) =>
        this.deps.log.error('active infection not treated', { code: codeOf(error), error: String(error) }),
      )
      const ids = [...this.objects.keys()]
      if (choice === 'with-restart' || this.counts(ids).needRestart > 0) await this.deps.afterRestart.keep(ids)
    }
    await this.finish(choice, by)
  }

  private readonly untreated = (treated: Set<DetectionId>): ActiveObject[] => {
    const rest = [...this.objects.values()].filter(({ id }) => !treated.has(id))
    for (const { id } of rest) treated.add(id)
    return rest
  }

  private readonly treat = async (objects: readonly ActiveObject[], by: ChosenBy): Promise<void> => {
    const { ledger, treatment } = this.deps
    const begun: DetectionId[] = []
    for (const object of objects) {
      const order = this.orderFor(object, by)
      if (order && (await ledger.begin(object.id, { ...order, origin: { kind: 'local' } }))) begun.push(object.id)
    }
    await treatment.carryOut(begun)
  }

  /** A person's choice is an order of their own; by itself only the policy decides. Undefined: it is left as it is. */
  private readonly orderFor = (
    { id, findings }: ActiveObject,
    by: ChosenBy,
  ): Pick<TreatmentIntent, 'act' | 'findings'> | undefined => {
    const entry = this.deps.ledger.get(id)
    if (!entry || !isOpen(entry.detection)) return undefined
    if (by === 'person') return { act: 'disinfect-or-delete', findings: [...findings] }
    const { settings, isAllowed } = this.deps.rules()
    const rules = { settings: { ...settings, automatic: true }, isAllowed }
    const decision = decided(entry.object, rules, { kind: 'local' })
    if (!decision?.act) return undefined
    return { act: decision.act, ...(decision.findings ? { findings: [...decision.findings] } : {}) }
  }

  private readonly finish = async (choice: InfectionChoice, by: ChosenBy): Promise<void> => {
    const { history, restarts } = this.deps
    const counts = this.counts([...this.objects.keys()])
    history.add(infectionTreated(counts, by))
    const done = { phase: 'done', ...this.about(), choice, ...counts } as const
    if (choice === 'without-restart') return this.set({ ...done, restart: 'none' })
    this.set({ ...done, restart: 'asked' })
    await restarts.now().catch(this.notRestarted)
    // Whatever stopped the system from going down: this app still runs.
    this.timer = this.deps.clock.after(restartWithinMs, this.notRestarted)
  }

  private readonly notRestarted = (): void => {
    const alert = this.now()
    if (alert?.phase !== 'done' || alert.restart !== 'asked') return
    this.set({ ...alert, restart: 'refused' })
    this.finishedBefore()
  }

  /** What ended without the restart is not told after the next one, and needs none any more. */
  private readonly finishedBefore = (): void => {
    const { afterRestart } = this.deps
    const alert = this.now()
    if (alert?.phase === 'working' || (alert?.phase === 'done' && alert.restart === 'asked')) return
    if (alert?.phase === 'done' && alert.restart !== 'restarted')
      this.set({ ...alert, ...this.counts([...this.objects.keys()]) })
    const isWaiting = (id: DetectionId) => this.detectionOf(id)?.state === 'at-restart'
    if (!afterRestart.ids().some(isWaiting)) void afterRestart.forget()
  }

  private readonly counts = (ids: readonly DetectionId[]): InfectionCounts => infectionCounts(ids.map(this.detectionOf))

  /** Somebody treated or skipped it elsewhere: there is nothing to ask any more. */
  private readonly dropProcessed = (): void => {
    const alert = this.now()
    for (const id of [...this.objects.keys()]) {
      const detection = this.detectionOf(id)
      if (!detection || !(detection.busy || isOpen(detection))) this.objects.delete(id)
    }
    if (alert?.phase !== 'asking') return
    if (this.objects.size === 0) this.timer?.cancel()
    this.set(this.objects.size === 0 ? null : { ...alert, ...this.about() })
  }

  readonly dismiss: InfectionAlerts['dismiss'] = () => {
    const alert = this.now()
    if (alert?.phase === 'asking') this.set({ ...alert, isHidden: true, atZero: 'without-restart' })
    if (alert?.phase !== 'done') return
    this.objects.clear()
    this.set(null)
  }

  readonly show: InfectionAlerts['show'] = () => {
    const alert = this.now()
    if (alert?.phase === 'asking' && alert.isHidden) this.set({ ...alert, isHidden: false })
  }

  readonly started: InfectionAlerts['started'] = async () => {
    const before = await this.deps.afterRestart.take()
    if (before === null || this.now() !== null) return
    const objects = before.ids.flatMap((id) => {
      const detection = this.detectionOf(id)
      return detection ? [{ id, path: shortened(detection.path.text, 4096), threat: detection.threat }] : []
    })
    const about = { objects: objects.slice(0, listed), total: before.total, plan: noPlan }
    const counts = this.counts(before.ids)
    this.set({ phase: 'done', ...about, choice: 'with-restart', ...counts, restart: 'restarted' })
  }

  readonly stop: InfectionAlerts['stop'] = () => {
    this.timer?.cancel()
    this.timer = null
  }
}
