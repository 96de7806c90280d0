// What becomes of objects that a scan found: the policy decides, the ledger writes it down, then they are treated, or the
// person at the computer is asked.
// Never talks to the engine itself.
import type { Detection } from '#shared/domain/detection.ts'
import type { DetectionId, ScanId } from '#shared/domain/ids.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { LocalAlerts } from '../alerts/local-alerts.ts'
import type { AllowList } from '../detections/allow-list.ts'
import type { Ledger } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock } from '../ports.ts'
import type { SettingsService } from '../settings/settings-service.ts'
import { isoNow } from '../state/clock.ts'
import { decided } from '../treatment/decided.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'

export interface FindingsDeps {
  readonly settings: SettingsService
  readonly allowed: AllowList
  readonly clock: Clock
  readonly engine: EngineService
  readonly ledger: Ledger
  readonly treatment: TreatmentService
  readonly alerts: LocalAlerts
}

/** Who found it. */
export interface Finder {
  readonly origin: Origin
  readonly scanType: Detection['scanType']
  readonly scanId?: ScanId
  /** Gets the ids of what is written down. */
  readonly found: Set<DetectionId>
}

/** Resolves when everything that is done at once is done. Throws when the ledger could not be written. */
export async function takeFindings(
  finder: Finder,
  objects: readonly DetectedObject[],
  { settings, allowed, clock, engine, ledger, treatment, alerts }: FindingsDeps,
): Promise<void> {
  const { treatment: rules } = settings.get()
  const { origin, scanType, scanId, found: ids } = finder
  const found = objects.flatMap((object) => decided(object, { settings: rules, isAllowed: allowed.has }, origin) ?? [])
  const active = await alerts.activeAmong(finder, found)
  const recorded = found.map((one) => (active.has(one) ? { ...one, act: null } : one))
  const entries = await ledger.record(recorded, {
    at: isoNow(clock),
    origin,
    scanType,
    ...(scanId === undefined ? {} : { scanId }),
    excludedThreats: rules.excludedThreats,
    databaseVersion: engine.info()?.databases.version ?? '',
  })
  for (const { detection } of entries) ids.add(detection.id)
  alerts.recorded(finder, found, entries, active)
  await treatment.carryOut(entries.filter(({ intent }) => intent).map(({ detection }) => detection.id))
}
