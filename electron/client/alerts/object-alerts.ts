// The objects of local scans that the person is asked about, one after the other, where automatic treatment is off. What is
// not answered stays listed as found. Owns the queue; what an answer does is the treatment's business.
import type { ObjectAlertAction } from '#shared/domain/alerts.ts'
import { actionsFor, type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import type { DetectionId, ScanId } from '#shared/domain/ids.ts'
import type { ActResult } from '#shared/ipc/app-contract.ts'
import type { Ledger } from '../detections/ledger.ts'
import type { Topics } from '../state/topics.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'

export interface ObjectAlerts {
  /** Asks about these too, unless the person closed the window during the same scan. */
  ask(ids: readonly DetectionId[], scanId: ScanId | undefined): void
  /** `all`: the same for everything that waits and for which it makes sense. */
  act(id: string, action: ObjectAlertAction, all: boolean): Promise<ActResult>
  /** What waits stays as it is, and so does what these scans still find. */
  dismiss(): void
  /** What waits is decided in another way now; it is asked about no longer. */
  take(): readonly DetectionId[]
}

export interface ObjectAlertDeps {
  readonly ledger: Ledger
  readonly treatment: Pick<TreatmentService, 'act'>
  readonly topics: Topics
}

export function createObjectAlerts(deps: ObjectAlertDeps): ObjectAlerts {
  return new ObjectAlertsObject(deps)
}

/** Its functions are bound, so that they can be passed on. */
class ObjectAlertsObject implements ObjectAlerts {
  private readonly deps: ObjectAlertDeps
  private readonly waiting = new Map<DetectionId, ScanId | undefined>()
  private readonly dismissed = new Set<ScanId | undefined>()
  private answered = 0

  constructor(deps: ObjectAlertDeps) {
    this.deps = deps
    deps.ledger.onChange((change) => {
      const id = change.kind === 'changed' ? change.detection.id : change.id
      if (this.waiting.has(id)) this.update()
    })
  }

  private readonly detectionOf = (id: DetectionId): Detection | undefined => this.deps.ledger.get(id)?.detection

  /** Forgets what was dealt with, wherever that was asked for, and shows the first of the rest. */
  private readonly update = (): void => {
    for (const id of [...this.waiting.keys()]) {
      const detection = this.detectionOf(id)
      if (detection && isOpen(detection)) continue
      this.waiting.delete(id)
      this.answered += 1
    }
    if (this.waiting.size === 0) this.answered = 0
    const [first] = this.waiting.keys()
    const detection = first === undefined ? undefined : this.detectionOf(first)
    const { size } = this.waiting
    const object = detection
      ? { detection, position: this.answered + 1, total: this.answered + size, waiting: size }
      : null
    this.deps.topics.update('alerts', (topic) =>
      topic.object === null && object === null ? topic : { ...topic, object },
    )
  }

  readonly ask: ObjectAlerts['ask'] = (ids, scanId) => {
    if (this.dismissed.has(scanId)) return
    for (const id of ids) this.waiting.set(id, scanId)
    this.update()
  }

  readonly act: ObjectAlerts['act'] = (id, action, all) => {
    const able = [...this.waiting.keys()].filter((other) => {
      const detection = this.detectionOf(other)
      return detection && (all || other === id) && actionsFor(detection).includes(action)
    })
    return this.deps.treatment.act(able, action, { origin: { kind: 'local' } })
  }

  readonly dismiss: ObjectAlerts['dismiss'] = () => {
    const scans = [...this.waiting.values()]
    this.dismissed.clear()
    for (const scanId of scans) this.dismissed.add(scanId)
    this.take()
  }

  readonly take: ObjectAlerts['take'] = () => {
    const ids = [...this.waiting.keys()]
    this.waiting.clear()
    this.update()
    return ids
  }
}

/** Nobody has decided about it, or what was decided could not be done. */
function isOpen({ state, busy }: Detection): boolean {
  return busy || (isUnprocessed(state) && state !== 'skipped')
}
