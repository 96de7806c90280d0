// What was found in one content and in everything inside of it, as far as a report has room.
// Owns the counting and the paths of members; never looks at a content.
import type { Finding } from '#shared/domain/object-report.ts'
import { type NotScannedReason, ThreatVerdict } from '#shared/domain/verdict.ts'
import type { Format } from '../identify/identify.ts'
import type { Limits } from '../limits/limits.ts'
import type { Detection } from './subject.ts'

/** A member (empty path: the content itself) that was not looked at, or only in part. */
export interface MemberProblem {
  readonly member: string[]
  readonly reason: NotScannedReason
  readonly partial: boolean
}

export type Gap = Omit<MemberProblem, 'member'>

/** Names in the path of a member that a report has room for. */
const longestPath = 20

/** Member paths count from the content. */
export class Outcome {
  readonly depth: number
  /** In hex; empty until it is known. */
  sha256: string
  readonly findings: Finding[] = []
  readonly problems: MemberProblem[] = []
  /** So many more that no report has room for. */
  moreProblems = 0
  /** Threats found in its members, also those that no report has room for. */
  readonly inMembers = new Set<string>()
  findingsComplete = true
  /** What it was opened as; undefined when nothing came out. */
  opened: Format | undefined
  /** Files at the bottom of it: itself when nothing came out. */
  leaves = 1
  /** False while its members are being looked at. */
  done = false
  private readonly limits: Limits

  constructor(limits: Limits, depth: number, sha256 = '') {
    this.limits = limits
    this.depth = depth
    this.sha256 = sha256
  }

  /** When there is no more room, a worse one takes the place of the mildest: many mild ones must not hide it. */
  addFinding(finding: Finding): void {
    if (this.findings.length < this.limits.findings) this.findings.push(finding)
    else {
      this.findingsComplete = false
      const mildest = Math.min(...this.findings.map(weightOf))
      if (weightOf(finding) > mildest)
        this.findings[this.findings.findLastIndex((each) => weightOf(each) === mildest)] = finding
    }
  }

  /** A new reason is always kept; of the same reason only as many as a report holds. */
  addProblem(problem: MemberProblem): void {
    const isNew = this.problems.every(({ reason }) => reason !== problem.reason)
    if (isNew || this.problems.length < this.limits.notScanned) this.problems.push(problem)
    else this.moreProblems += 1
  }

  /** Only a part of the content itself was looked at. */
  addGap(reason: NotScannedReason): void {
    this.addProblem({ member: [], reason, partial: true })
  }

  /** What was found in the member of this name, and why that is not all of it. */
  addMember(name: string, inner: Outcome, gap?: Gap): void {
    if (gap !== undefined) this.addProblem({ member: [name], ...gap })
    for (const finding of inner.findings.slice()) {
      this.addFinding({ ...finding, member: [name, ...finding.member].slice(0, longestPath) })
      this.inMembers.add(finding.threat)
    }
    for (const threat of inner.inMembers) this.inMembers.add(threat)
    if (!inner.findingsComplete) this.findingsComplete = false
    this.moreProblems += inner.moreProblems
    for (const problem of inner.problems.slice()) {
      if (problem.member.length === 0 && problem.reason === gap?.reason) continue
      this.addProblem({ ...problem, member: [name, ...problem.member].slice(0, longestPath) })
    }
  }

  /**
   * A container that stores its members as they are shows their patterns too. The member is where it really is, so the
   * container's own match of the same rule is left out. `own`: how many findings are the content's own, from the first on.
   */
  dropExplained(own: number): void {
    const kept = this.findings
      .slice(0, own)
      .filter((finding) => finding.member.length > 0 || !this.isExplained(finding))
    this.findings.splice(0, own, ...kept)
  }

  /** What was found in a content whose members were looked at before. */
  addOwnLast(detections: readonly Detection[]): void {
    const own = detections.filter((detection) => !this.isExplained(detection))
    this.findings.unshift(...own.map((detection): Finding => ({ member: [], ...detection })))
    if (this.findings.splice(this.limits.findings).length > 0) this.findingsComplete = false
  }

  private isExplained({ detector, threat }: Detection): boolean {
    return detector === 'yara' && this.inMembers.has(threat)
  }
}

function weightOf({ verdict }: Detection): number {
  return ThreatVerdict.options.indexOf(verdict)
}
