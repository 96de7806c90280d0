// Looks at one content and everything inside of it, within one budget: the recursion over containers.
// Knows nothing about files. Equal contents are looked at once, so that archives which contain themselves come to an end.
import { createHash } from 'node:crypto'
import type { ContainerInfo, Finding } from '#shared/domain/object-report.ts'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { memberName } from '../files/path-text.ts'
import { type Format, identify } from '../identify/identify.ts'
import { unopenedReason } from '../identify/unopened.ts'
import type { Limits } from '../limits/limits.ts'
import { Budget } from '../unpack/budget.ts'
import type { Member } from '../unpack/unpacker.ts'
import type { Opening, Unpackers } from '../unpack/unpackers.ts'
import type { SecondEngine } from './clamd/second-engine.ts'
import type { Detectors } from './detectors.ts'

/** A member (empty path: the content itself) that was not looked at, or only in part. */
export interface MemberProblem {
  readonly member: string[]
  readonly reason: NotScannedReason
  readonly partial: boolean
}

export interface ContentReport {
  readonly sha256: string
  readonly findings: Finding[]
  /** False: there were more findings than a report holds. */
  readonly findingsComplete: boolean
  readonly problems: MemberProblem[]
  readonly container?: ContainerInfo
  /** Contents looked at: this one and all members. */
  readonly objects: number
  readonly bytes: number
  /** Matches whose name is excluded from reports. */
  readonly excluded: number
}

interface Content {
  readonly bytes: Buffer
  readonly name: Buffer
  readonly depth: number
}

/** What was found in a content; member paths count from it. */
interface Outcome {
  readonly depth: number
  readonly sha256: string
  readonly findings: Finding[]
  readonly problems: MemberProblem[]
  /** Threats found in its members, also those that no report has room for. */
  readonly inMembers: Set<string>
  findingsComplete: boolean
  /** What it was opened as; undefined when nothing came out. */
  opened?: Format
  /** Files at the bottom of it: itself when nothing came out. */
  leaves: number
  /** False while its members are being looked at. */
  done: boolean
}

/** What one scanner looks with. */
export interface ScanTools {
  readonly detectors: Detectors
  readonly unpackers: Unpackers
  readonly limits: Limits
  readonly secondEngine: SecondEngine | null
}

/** Formats in which the second engine sees more than in their members. */
const askedAsWhole: ReadonlySet<Format> = new Set<Format>(['ole', 'ooxml', 'pdf', 'mail', 'pe', 'elf', 'image'])

/** Worth something of their own: an archive that hangs behind one of these is not all there is. */
const documents: ReadonlySet<Format> = new Set<Format>(['image', 'pdf'])

export class ContentScan {
  private readonly detectors: Detectors
  private readonly unpackers: Unpackers
  private readonly limits: Limits
  private readonly secondEngine: SecondEngine | null
  private readonly budget: Budget
  private readonly path: string
  private readonly seen = new Map<string, Outcome>()
  private objects = 0
  private bytes = 0
  private excluded = 0

  /** `path`: where the content is, for rules that ask. One scan object for one file. */
  constructor(tools: ScanTools, path: string) {
    this.detectors = tools.detectors
    this.unpackers = tools.unpackers
    this.limits = tools.limits
    this.secondEngine = tools.secondEngine
    this.budget = new Budget(tools.limits)
    this.path = path
  }

  async scan(bytes: Buffer, name: Buffer): Promise<ContentReport> {
    const { sha256, findings, findingsComplete, problems, opened, leaves } = await this.look({ bytes, name, depth: 0 })
    const cost = { objects: this.objects, bytes: this.bytes, excluded: this.excluded }
    const report = { sha256, findings, findingsComplete, problems, ...cost }
    return opened === undefined ? report : { ...report, container: { format: opened, leaves } }
  }

  private async look(content: Content): Promise<Outcome> {
    const { bytes, depth } = content
    this.objects += 1
    this.bytes += bytes.length
    const digest = createHash('sha256').update(bytes).digest()
    const sha256 = digest.toString('hex')
    const known = this.seen.get(sha256)
    // A content inside of itself: what is in it is reported by the outer one, which is still being looked at.
    if (known !== undefined && !known.done) return { ...emptyOutcome(sha256, depth), done: true }
    if (known !== undefined && isReusable(known, depth)) return known
    const outcome = emptyOutcome(sha256, depth)
    this.seen.set(sha256, outcome)
    if (!this.detectors.isTrusted(digest, bytes.length)) await this.lookInside(content, digest, outcome)
    outcome.done = true
    return outcome
  }

  private async lookInside(content: Content, digest: Buffer, outcome: Outcome): Promise<void> {
    const { bytes } = content
    const format = identify(bytes)
    this.detect(content, { digest, format, outcome })
    const own = outcome.findings.length
    await this.open(content, format, outcome)
    dropExplained(outcome, own)
    if (isPartOfSeveral(content.name, format, outcome))
      this.addProblem(outcome, { member: [], reason: 'split', partial: true })
    await this.askSecondEngine(content, format, outcome)
  }

  private detect(
    { bytes, name, depth }: Content,
    { digest, format, outcome }: { digest: Buffer; format: Format; outcome: Outcome },
  ): void {
    const subject = { bytes, sha256: digest, format, name: name.toString('utf8'), path: this.path, depth }
    const { detections, excluded, problem } = this.detectors.detect(subject)
    this.excluded += excluded
    for (const detection of detections) this.addFinding(outcome, { member: [], ...detection })
    if (problem !== undefined) this.addProblem(outcome, { member: [], reason: problem, partial: true })
    const unopened = unopenedReason(bytes, format)
    if (unopened !== null) this.addProblem(outcome, { member: [], reason: unopened, partial: true })
  }

  /** A container whose members it was asked about need not be sent as a whole, unless it is a document. */
  private async askSecondEngine({ bytes }: Content, format: Format, outcome: Outcome): Promise<void> {
    if (this.secondEngine === null) return
    if (outcome.opened !== undefined && !askedAsWhole.has(format)) return
    const opinion = await this.secondEngine.ask(bytes)
    if (opinion.kind === 'incomplete') this.addProblem(outcome, { member: [], reason: 'second-engine', partial: true })
    if (opinion.kind !== 'found') return
    const { detections, excluded } = this.detectors.fromSecondEngine(opinion.threat)
    this.excluded += excluded
    for (const detection of detections) this.addFinding(outcome, { member: [], ...detection })
  }

  private async open(content: Content, format: Format, outcome: Outcome): Promise<void> {
    const openings = this.unpackers.openings(content.bytes, format)
    if (openings.length === 0) return
    if (content.depth >= this.limits.recursionLevels) {
      this.addProblem(outcome, { member: [], reason: 'recursion', partial: true })
      return
    }
    let leaves = openings.some(({ guessed }) => guessed) && documents.has(format) ? 1 : 0
    for (const opening of openings) {
      const members = await this.openOne(content, opening, outcome)
      if (members > 0) outcome.opened ??= opening.format
      leaves += members
    }
    if (outcome.opened !== undefined) outcome.leaves = leaves
  }

  /** How many leaves came out of it. */
  private async openOne(
    { name, depth }: Content,
    { unpacker, format, bytes, guessed }: Opening,
    outcome: Outcome,
  ): Promise<number> {
    let leaves = 0
    // What is only guessed to be a container has problems as soon as it turns out to be one. What was opened already as what
    // it is has none from this, and the same contents again: a tar whose last member is a ZIP also ends like one.
    const early: NotScannedReason[] = []
    const isSecond = guessed && outcome.opened !== undefined
    for await (const member of unpacker.unpack({ bytes, name, format, budget: this.budget })) {
      if (member.kind === 'problem') {
        if (guessed && leaves === 0 && member.reason !== 'split') early.push(member.reason)
        else if (!isSecond) this.addProblem(outcome, { member: [], reason: member.reason, partial: true })
        continue
      }
      for (const reason of early.splice(0))
        if (!isSecond) this.addProblem(outcome, { member: [], reason, partial: true })
      const refused = this.budget.admitMember()
      if (refused !== null) {
        this.addProblem(outcome, { member: [], reason: refused, partial: true })
        return leaves + 1
      }
      if (isSecond && member.kind === 'content' && this.wasSeen(member.bytes)) continue
      leaves += await this.lookAtMember(member, depth + 1, outcome)
    }
    return leaves
  }

  private wasSeen(bytes: Buffer): boolean {
    return this.seen.has(createHash('sha256').update(bytes).digest('hex'))
  }

  /** How many leaves it has: one, unless it is a container itself. */
  private async lookAtMember(
    member: Exclude<Member, { kind: 'problem' }>,
    depth: number,
    outcome: Outcome,
  ): Promise<number> {
    const shown = memberName(member.name)
    if (member.kind === 'skipped') {
      this.addProblem(outcome, { member: [shown], reason: member.reason, partial: false })
      return 1
    }
    if (member.problem !== undefined)
      this.addProblem(outcome, { member: [shown], reason: member.problem, partial: true })
    this.budget.spend(member.bytes.length)
    const inner = await this.look({ bytes: member.bytes, name: member.name, depth })
    for (const finding of inner.findings.slice()) {
      this.addFinding(outcome, { ...finding, member: [shown, ...finding.member].slice(0, 20) })
      outcome.inMembers.add(finding.threat)
    }
    for (const threat of inner.inMembers) outcome.inMembers.add(threat)
    if (!inner.findingsComplete) outcome.findingsComplete = false
    for (const problem of inner.problems.slice()) {
      this.addProblem(outcome, { ...problem, member: [shown, ...problem.member].slice(0, 20) })
    }
    return inner.leaves
  }

  private addFinding(outcome: Outcome, finding: Finding): void {
    if (outcome.findings.length < this.limits.findings) outcome.findings.push(finding)
    else outcome.findingsComplete = false
  }

  /** A new reason is always kept; of the same reason only as many as a report holds. */
  private addProblem(outcome: Outcome, problem: MemberProblem): void {
    const isNew = outcome.problems.every(({ reason }) => reason !== problem.reason)
    if (isNew || outcome.problems.length < this.limits.notScanned) outcome.problems.push(problem)
  }
}

/**
 * A container that stores its members as they are shows their patterns too. The member is where it really is, so the
 * container's own match of the same rule is left out.
 */
function dropExplained({ findings, inMembers }: Outcome, own: number): void {
  const kept = findings.slice(0, own).filter(({ detector, threat }) => detector !== 'yara' || !inMembers.has(threat))
  findings.splice(0, own, ...kept)
}

/** What was cut off by depth is worth another look when the same content appears higher up. */
function isReusable(known: Outcome, depth: number): boolean {
  return known.depth <= depth || known.problems.every(({ reason }) => reason !== 'recursion')
}

const partName = /\.(?:7z|zip|rar|tar|gz|bz2|xz)\.\d{2,3}$|\.[zr]\d{2}$|\.part\d{1,4}\.rar$/i

/** A piece of an archive, which says nothing alone. A name can only add this gap, never take one away. */
function isPartOfSeveral(name: Buffer, format: Format, { problems }: Outcome): boolean {
  if (!partName.test(name.toString('latin1'))) return false
  return format === 'data' || problems.some(({ reason }) => reason === 'truncated' || reason === 'corrupt')
}

function emptyOutcome(sha256: string, depth: number): Outcome {
  const findings = { findings: [], findingsComplete: true, inMembers: new Set<string>() }
  return { depth, sha256, ...findings, problems: [], leaves: 1, done: false }
}
