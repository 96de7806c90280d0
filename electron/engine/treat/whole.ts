// Tells what an order's findings say about a container: which leaves are bad, and whether anything good is in it.
// Pure. Every doubt counts as something good: a path that names two files, a finding in a container between, a part not read.
import type { DetectedObject, Finding } from '#shared/domain/object-report.ts'

/** True when the object is malware as a whole: itself, or every leaf of a container that was looked at completely. */
export function isWholeMalware(object: DetectedObject): boolean {
  if (ownFindings(object).length > 0) return true
  const leaves = object.container?.leaves ?? 0
  if (leaves === 0 || object.coverage.kind !== 'full' || !object.findingsComplete) return false
  return badLeaves(object.findings) >= leaves
}

/** What was found in the file itself. */
export function ownFindings({ findings }: DetectedObject): readonly Finding[] {
  return withoutEchoes(findings).filter(({ member }) => member.length === 0)
}

/**
 * Findings where they really are: an engine that is asked about documents and mails as a whole too names what it found in a
 * member once more for everything around it.
 */
export function withoutEchoes(findings: readonly Finding[]): Finding[] {
  const isInside = (inner: Finding, { member, threat }: Finding): boolean =>
    inner.threat === threat &&
    inner.member.length > member.length &&
    member.every((name, at) => name === inner.member[at])
  return findings.filter(
    (finding) => finding.detector !== 'clamd' || !findings.some((other) => isInside(other, finding)),
  )
}

/**
 * How many leaves are known to be bad: never more than there are. A container between that was found bad itself counts as one,
 * and as none where something below it was found too.
 */
export function badLeaves(findings: readonly Finding[]): number {
  const paths = new Map(findings.map(({ member }) => [JSON.stringify(member), member]))
  const above = new Set<string>()
  for (const member of paths.values()) {
    for (let length = 0; length < member.length; length += 1) above.add(JSON.stringify(member.slice(0, length)))
  }
  return [...paths.keys()].filter((key) => !above.has(key)).length
}
