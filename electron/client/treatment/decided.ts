// One object through the policy, as the ledger takes it. Content that a person restored and excluded is not reported. Pure.
import type { DetectedObject } from '#shared/domain/object-report.ts'
import { automaticVerb, decide, type TreatmentSettings } from '#shared/domain/policy.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { FoundObject } from '../detections/ledger.ts'

export interface Rules {
  readonly settings: TreatmentSettings
  readonly isAllowed: (sha256: string) => boolean
}

/** Null: it is not reported at all. */
export function decided(object: DetectedObject, { settings, isAllowed }: Rules, origin: Origin): FoundObject | null {
  if (isAllowed(object.identity.sha256)) return null
  const decision = decide(object, settings, origin)
  if (decision.kind === 'ignore') return null
  if (decision.kind === 'ask') return { object, state: 'found', act: null }
  if (decision.kind === 'keep') return { object, state: 'kept', act: null, note: whyKept(object, settings) }
  return { object, state: 'found', act: decision.verb, findings: decision.findings }
}

/** The settings forbid every act, or it is not surely infected. */
function whyKept({ findings }: DetectedObject, settings: TreatmentSettings): string {
  if (automaticVerb(settings) === undefined) return 'the settings allow neither to disinfect nor to delete'
  const isRisky = findings.every(({ verdict }) => verdict === 'risky')
  return `${isRisky ? 'not malware' : 'not surely infected'}: left for a person to decide`
}
