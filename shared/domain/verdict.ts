// The closed sets an engine may answer with. "Nothing found" is not "clean": coverage says how much was looked at.
import { z } from 'zod'

/** What was found in an object, worst last. `not-scanned` goes with coverage `none`. */
export const Verdict = z.enum(['nothing-found', 'not-scanned', 'risky', 'probably-infected', 'infected'])
export type Verdict = z.infer<typeof Verdict>

/** The verdicts that make an object a detected object. */
export const ThreatVerdict = z.enum(['risky', 'probably-infected', 'infected'])
export type ThreatVerdict = z.infer<typeof ThreatVerdict>

export const RiskLevel = z.enum(['high', 'medium', 'low'])
export type RiskLevel = z.infer<typeof RiskLevel>

/** Why an object, or a part of it, was not looked at. */
export const NotScannedReason = z.enum([
  'encrypted',
  'corrupt',
  'unsupported',
  'too-big',
  'bomb',
  'recursion',
  'member-count',
  'time-limit',
  'overlapping',
  'packer',
  'no-access',
  'vanished',
  'changed',
  'special-file',
  'io-error',
  'engine-crash',
  'engine-timeout',
  'rules-unavailable',
  // One part of a container whose other parts are elsewhere.
  'split',
  // The content ends before its own structure does.
  'truncated',
  // An archive that file protection does not open where it lies; a scan does.
  'not-opened',
  // A folder of another computer below the area of a scan; a scan of the folder itself looks at it.
  'network',
  // The second engine did not look at all of it: its own limits, or no answer.
  'second-engine',
])
export type NotScannedReason = z.infer<typeof NotScannedReason>

export const Coverage = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('full') }),
  z.strictObject({ kind: z.literal('partial'), reasons: z.array(NotScannedReason).min(1).max(8) }),
  z.strictObject({ kind: z.literal('none'), reason: NotScannedReason }),
])
export type Coverage = z.infer<typeof Coverage>

const riskOf: Record<ThreatVerdict, RiskLevel> = { infected: 'high', 'probably-infected': 'medium', risky: 'low' }

/** The risk a person is told, from the verdict. */
export function riskLevel(verdict: ThreatVerdict): RiskLevel {
  return riskOf[verdict]
}
