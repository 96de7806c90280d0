// Everything the person at the computer is asked about in windows of their own, joined: objects, an active infection, and a
// restart. Owns what closing such a window means. Never acts by itself but where the person has just said so in the settings.
import type { AlertKind } from '#shared/domain/alerts.ts'
import type { DetectionId } from '#shared/domain/ids.ts'
import { codeOf } from '#shared/errors.ts'
import type { AllowList } from '../detections/allow-list.ts'
import type { Ledger } from '../detections/ledger.ts'
import type { EngineService } from '../engine/engine-service.ts'
import type { BootPort, Clock, LogPort } from '../ports.ts'
import type { History } from '../reports/history.ts'
import type { RestartService } from '../restart/restart-service.ts'
import type { SettingsService } from '../settings/settings-service.ts'
import type { Topics } from '../state/topics.ts'
import type { Storage } from '../storage/storage.ts'
import { decided } from '../treatment/decided.ts'
import type { TreatmentService } from '../treatment/treatment-service.ts'
import { createAfterRestart } from './after-restart.ts'
import { createInfectionAlerts, type InfectionAlerts } from './infection-alerts.ts'
import { createLocalAlerts, type LocalAlerts } from './local-alerts.ts'
import { createObjectAlerts, type ObjectAlerts } from './object-alerts.ts'

export interface Alerts {
  load(): Promise<void>
  readonly local: LocalAlerts
  readonly objects: ObjectAlerts
  readonly infection: InfectionAlerts
  /** The person closed a window without an answer. */
  dismiss(kind: AlertKind): Promise<void>
  /** The person wants to see again what they closed or put off. */
  show(kind: AlertKind): void
  /**
   * What is done by itself may be something else. Automatic treatment was switched on: what waits is treated as it
   * recommends, and the window closes by itself.
   */
  settingsChanged(): void
  stop(): void
}

export interface AlertsDeps {
  readonly ledger: Ledger
  readonly treatment: TreatmentService
  readonly engine: EngineService
  readonly allowed: AllowList
  readonly settings: SettingsService
  readonly restarts: RestartService
  readonly boot: BootPort
  readonly storage: Storage
  readonly topics: Topics
  readonly history: History
  readonly clock: Clock
  readonly log: LogPort
}

/** A closed window has not been answered: the person is asked again after this many minutes. */
const askAgainMinutes = 15

export function createAlerts(deps: AlertsDeps): Alerts {
  const { settings, topics, restarts, log } = deps
  const afterRestart = createAfterRestart(deps)
  const objects = createObjectAlerts(deps)
  const restartAtZero = () => settings.get().activeInfection.restartAtZero
  const rules = () => ({ settings: settings.get().treatment, isAllowed: deps.allowed.has })
  const infection = createInfectionAlerts({ ...deps, afterRestart, restartAtZero, rules })
  const excluded = () => settings.get().treatment.excludedThreats
  const local = createLocalAlerts({ ...deps, objects, infection, excluded })
  return {
    load: afterRestart.load,
    local,
    objects,
    infection,
    async dismiss(kind) {
      if (kind === 'object') objects.dismiss()
      if (kind === 'infection') infection.dismiss()
      const stage = topics.get('restart').request?.stage
      if (kind === 'restart' && (stage === 'waiting' || stage === 'refused'))
        await restarts.answer({ kind: 'postpone', minutes: askAgainMinutes })
    },
    show(kind) {
      if (kind === 'infection') infection.show()
      if (kind === 'restart') restarts.askAgain()
    },
    settingsChanged() {
      infection.settingsChanged()
      if (!settings.get().treatment.automatic) return
      treatAsRecommended(objects.take(), deps).catch((error: unknown) =>
        log.error('objects not treated', { code: codeOf(error), error: String(error) }),
      )
    },
    stop: infection.stop,
  }
}

/** As a local scan would have treated them; what it would have kept stays listed. */
async function treatAsRecommended(
  ids: readonly DetectionId[],
  { ledger, settings, allowed, treatment }: AlertsDeps,
): Promise<void> {
  const rules = { settings: settings.get().treatment, isAllowed: allowed.has }
  const origin = { kind: 'local' } as const
  const begun: DetectionId[] = []
  for (const id of ids) {
    const entry = ledger.get(id)
    const decision = entry && decided(entry.object, rules, origin)
    if (!decision?.act) continue
    const findings = decision.findings ? { findings: [...decision.findings] } : {}
    if (await ledger.begin(id, { act: decision.act, origin, ...findings })) begun.push(id)
  }
  await treatment.carryOut(begun)
}
