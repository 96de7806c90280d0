// From a rule's match to a verdict: what the rule says of itself, else its score, else the family its file is named for.
// Owns the thresholds. Never decides what is done about a finding.
import type { Finding, RuleInfo } from '#shared/domain/object-report.ts'
import { ThreatVerdict } from '#shared/domain/verdict.ts'
import type { RuleMatch } from './pattern-engine.ts'

const infectedScore = 75
const suspiciousScore = 60
/** Rule files whose name says that they describe malware, not a property of files. */
const malwareFile = /^(apt|crime|mal|ransom|rat)[_-]/i

/** Rule files about weaknesses and oddities of files: a match is worth a look, and no ground to treat by itself. */
const weaknessFile = /vuln|^generic_anomalies|^thor_inverse_matches|^general_cloaking/i

/** The finding of a match (its `member` is filled in by the caller); null when the rule only informs. */
export function findingOfMatch(match: RuleMatch): Omit<Finding, 'member'> | null {
  const verdict = verdictOf(match)
  if (verdict === null) return null
  return {
    threat: (textOf(match.meta.threat) ?? match.rule).slice(0, 256),
    verdict,
    detector: 'yara',
    rule: ruleInfo(match),
  }
}

function verdictOf({ meta, namespace }: RuleMatch): Finding['verdict'] | null {
  if (meta.verdict === 'informational') return null
  const stated = ThreatVerdict.safeParse(meta.verdict)
  if (stated.success) return stated.data
  const score = scoreOf(meta.score)
  if (score === undefined) return malwareFile.test(namespace) ? 'probably-infected' : 'risky'
  if (score >= infectedScore) return weaknessFile.test(namespace) ? 'probably-infected' : 'infected'
  return score >= suspiciousScore ? 'probably-infected' : 'risky'
}

function ruleInfo({ rule, meta }: RuleMatch): RuleInfo {
  const info: RuleInfo = { name: rule.slice(0, 256) }
  const author = textOf(meta.author)
  const reference = textOf(meta.reference)
  const description = textOf(meta.description)
  const score = scoreOf(meta.score)
  if (author !== undefined) info.author = author
  if (reference !== undefined) info.reference = reference
  if (description !== undefined) info.description = description
  if (score !== undefined) info.score = score
  return info
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 4096) : undefined
}

function scoreOf(value: unknown): number | undefined {
  const score = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof score === 'number' && Number.isFinite(score) ? score : undefined
}
