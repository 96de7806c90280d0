// The one policy: what happens to a detected object, from what was found, the settings and who asked for the scan.
// Pure. Local, scheduled, real-time and remote scans and the command line all use it; nothing else decides.
import { z } from 'zod'
import type { DetectedObject, Finding } from './object-report.ts'
import type { Origin, TreatmentVerb } from './treatment.ts'

export const TreatmentSettings = z.strictObject({
  /** Off: a local scan asks the person. Remote and background scans never ask. */
  automatic: z.boolean(),
  disinfect: z.boolean(),
  deleteIfDisinfectionFails: z.boolean(),
  /**
   * What becomes of an archive with something bad in it that cannot be taken out: kept and listed, or deleted as a whole (with a
   * copy in Quarantine) where deleting is allowed at all.
   */
  archives: z.enum(['skip', 'delete']),
  /** Treat probable and risky objects automatically too. Off: they are kept and listed. */
  treatSuspicious: z.boolean(),
  /** Verdict names that are never acted on. */
  excludedThreats: z.array(z.string().max(256)).max(1000),
})
export type TreatmentSettings = z.infer<typeof TreatmentSettings>

export const defaultTreatmentSettings: TreatmentSettings = {
  automatic: true,
  disinfect: true,
  deleteIfDisinfectionFails: true,
  archives: 'skip',
  treatSuspicious: false,
  excludedThreats: [],
}

export type PolicyDecision =
  /** `findings`: those that justify the act; nothing is done because of the others. */
  | { readonly kind: 'treat'; readonly verb: TreatmentVerb; readonly findings: readonly Finding[] }
  /** Listed, not touched; somebody decides later. */
  | { readonly kind: 'keep' }
  /** Listed, and the person at the computer is asked. Only for local scans. */
  | { readonly kind: 'ask' }
  /** Not reported at all: excluded by name. */
  | { readonly kind: 'ignore' }

/** Decides for one object. `origin` remote, schedule and real-time are always automatic. */
export function decide(object: DetectedObject, settings: TreatmentSettings, origin: Origin): PolicyDecision {
  const counted = object.findings.filter((finding) => !settings.excludedThreats.includes(finding.threat))
  if (counted.length === 0) return { kind: 'ignore' }
  if (origin.kind === 'local' && !settings.automatic) return { kind: 'ask' }
  const findings = settings.treatSuspicious ? counted : counted.filter((finding) => finding.verdict === 'infected')
  const verb = automaticVerb(settings)
  return findings.length === 0 || verb === undefined ? { kind: 'keep' } : { kind: 'treat', verb, findings }
}

/** What is done by itself with what is surely infected; undefined where neither disinfecting nor deleting is allowed. */
export function automaticVerb(settings: TreatmentSettings): TreatmentVerb | undefined {
  const { disinfect, deleteIfDisinfectionFails } = settings
  if (!deleteIfDisinfectionFails) return disinfect ? 'cure-only' : undefined
  if (settings.archives === 'delete') return disinfect ? 'disinfect-with-archives' : 'delete-with-archives'
  return disinfect ? 'disinfect' : 'delete-malware'
}
