// The words of one finding: what it is, what found it, and who made the rule. Pure; owns sentences only.
// What a rule says of itself is data: shown as it is, never as a link.
import type { DetectionFinding } from '#shared/domain/detection.ts'
import type { Detector } from '#shared/domain/object-report.ts'
import { verdictLabel } from './state-text.ts'

const detectorNames: Record<Detector, string> = {
  eicar: 'EICAR test file',
  hash: 'hash signature',
  yara: 'YARA rule',
  heuristic: 'heuristic analysis',
  clamd: 'ClamAV',
}

/** "Probably infected · YARA rule · score 65". */
export function findingKindText({ verdict, detector, rule }: DetectionFinding): string {
  return [
    verdictLabel(verdict),
    ...(detector === undefined ? [] : [detectorNames[detector]]),
    ...(rule?.score === undefined ? [] : [`score ${rule.score}`]),
  ].join(' · ')
}

/** Where in the object: "setup.zip › bin › a.exe"; undefined for the object itself. */
export function findingPlace({ member }: Pick<DetectionFinding, 'member'>): string | undefined {
  return member.length === 0 ? undefined : member.join(' › ')
}

/** What a rule says of itself, in the order it is shown; its name only where the threat has another one. */
export function ruleFacts({ threat, rule }: Pick<DetectionFinding, 'threat' | 'rule'>): readonly RuleFact[] {
  if (rule === undefined) return []
  const facts: readonly (readonly [RuleFact['name'], string | undefined])[] = [
    ['Rule', rule.name === threat ? undefined : rule.name],
    ['Author', rule.author],
    ['Reference', rule.reference],
  ]
  return facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value }]))
}

export interface RuleFact {
  readonly name: 'Rule' | 'Author' | 'Reference'
  readonly value: string
}

/** "3 more matches are not listed here", with as many as are known of. */
export function moreFindingsText(count: number, number: (value: number) => string): string {
  return count === 1
    ? 'At least 1 more match is not listed here'
    : `At least ${number(count)} more matches are not listed here`
}
