// From a rule's match to a verdict: what the rule says of itself, else how sure its score says it is, else the family that its
// file or it is named for. Owns the thresholds. Never decides what is done about a finding.
import type { Finding, RuleInfo } from '#shared/domain/object-report.ts'
import { ThreatVerdict } from '#shared/domain/verdict.ts'
import type { RuleMatch } from './pattern-engine.ts'

const infectedScore = 75
const suspiciousScore = 60
/** Rule files whose name says that they describe malware, not a property of files. */
const malwareFile = /^(?:apt|crime|mal|ransom|rat)[_-]/i
/** The same of rules, by the names that authors of public rules have agreed on; `SUSP_` says the opposite. */
const malwareRule = /^(?:apt|crime|mal|malware|ransom|rat|trojan|bkdr|webshell)_/i
const suspicionRule = /^susp_/i

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

/**
 * From the name alone, which is all that ClamAV says. Of a rule of YARA that it was given nobody knows how sure it is: no
 * ground to treat by itself.
 */
export function verdictOfSecondEngine(threat: string): Finding['verdict'] {
  if (/^(?:PUA|Heuristics)\./.test(threat)) return 'risky'
  return threat.startsWith('YARA.') ? 'probably-infected' : 'infected'
}

function verdictOf(match: RuleMatch): Finding['verdict'] | null {
  if (match.meta.verdict === 'informational') return null
  const stated = ThreatVerdict.safeParse(match.meta.verdict)
  return stated.success ? stated.data : verdictOfConfidence[confidenceOf(match)]
}

/** How sure a rule is that what it matches is malware. */
export type Confidence = 'malware' | 'suspicious' | 'informational'

/** What only informs is listed as well, in the class of which nothing is acted on: a match is never passed over in silence. */
const verdictOfConfidence: Readonly<Record<Confidence, Finding['verdict']>> = {
  malware: 'infected',
  suspicious: 'probably-infected',
  informational: 'risky',
}

/** Below the scores, or without one, a rule only informs unless it is about a family of malware. */
export function confidenceOf({ rule, meta, namespace }: RuleMatch): Confidence {
  const score = scoreOf(meta.score)
  if (score !== undefined && score >= infectedScore) return weaknessFile.test(namespace) ? 'suspicious' : 'malware'
  if (score !== undefined && score >= suspiciousScore) return 'suspicious'
  if (suspicionRule.test(rule)) return 'informational'
  const isAboutMalware = malwareFile.test(namespace) || (score === undefined && malwareRule.test(rule))
  return isAboutMalware ? 'suspicious' : 'informational'
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
