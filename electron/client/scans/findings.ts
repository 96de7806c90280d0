// What becomes of objects that a scan found: the policy decides, the ledger writes it down, then they are treated.
// Never talks to the engine itself.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { AllowList } from '../detections/allow-list.ts'
import type { Ledger } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { Clock } from '../ports.ts'
import type { SettingsService } from '../settings/settings-service.ts'
import { isoNow } from '../state/clock.ts'
import { decided } from '../treatment/decided.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'
import type { ScanRun } from './scan-run.ts'

export interface FindingsDeps {
  readonly settings: SettingsService
  readonly allowed: AllowList
  readonly clock: Clock
  readonly engine: EngineService
  readonly ledger: Ledger
  readonly treatment: TreatmentService
}

/** Resolves when everything that is done at once is done. Throws when the ledger could not be written. */
export async function takeFindings(
  run: ScanRun,
  objects: readonly DetectedObject[],
  { settings, allowed, clock, engine, ledger, treatment }: FindingsDeps,
): Promise<void> {
  const { treatment: rules } = settings.get()
  const { origin, type } = run.request
  const found = objects.flatMap((object) => decided(object, { settings: rules, isAllowed: allowed.has }, origin) ?? [])
  const entries = await ledger.record(found, {
    at: isoNow(clock),
    origin,
    scanType: type,
    scanId: run.scanId,
    excludedThreats: rules.excludedThreats,
    databaseVersion: engine.info()?.databases.version ?? '',
  })
  for (const { detection } of entries) run.found.add(detection.id)
  await treatment.carryOut(entries.filter(({ intent }) => intent).map(({ detection }) => detection.id))
}
