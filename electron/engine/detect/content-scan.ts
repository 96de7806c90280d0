// Looks at one content and everything inside of it, within one budget: the recursion over containers.
// Knows nothing about files. Equal contents are looked at once, so that archives which contain themselves come to an end.
import { createHash } from 'node:crypto'
import type { ContainerInfo, Finding } from '#shared/domain/object-report.ts'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { memberName } from '../files/path-text.ts'
import { isArchiveFormat } from '../identify/archive-formats.ts'
import { type Format, identify } from '../identify/identify.ts'
import { unopenedReason } from '../identify/unopened.ts'
import type { Limits } from '../limits/limits.ts'
import type { PausePoint } from '../scans/pause-point.ts'
import { Budget } from '../unpack/budget.ts'
import type { LargeMember, PiecesMember } from '../unpack/unpacker.ts'
import type { Opening, Unpackers } from '../unpack/unpackers.ts'
import type { SecondEngine } from './clamd/second-engine.ts'
import type { Detectors } from './detectors.ts'
import { type Gap, type MemberProblem, Outcome } from './outcome.ts'
import { Pauses } from './pauses.ts'

export interface ContentReport {
  readonly sha256: string
  readonly findings: Finding[]
  /** False: there were more findings than a report holds. */
  readonly findingsComplete: boolean
  readonly problems: MemberProblem[]
  /** So many more than a report holds. */
  readonly moreProblems: number
  readonly container?: ContainerInfo
  /** Contents looked at: this one and all members. */
  readonly objects: number
  readonly bytes: number
  /** Matches whose name is excluded from reports. */
  readonly excluded: number
}

type ContentMember = Extract<LargeMember, { kind: 'content' }>

/** A content in memory. */
export interface Content {
  readonly bytes: Buffer
  readonly name: Buffer
  readonly depth: number
}

/** What comes out of a container when it is opened in one way. */
export type OpenedMembers = Pick<Opening, 'format' | 'guessed' | 'isCarried'> & {
  readonly members: AsyncIterable<LargeMember>
}

/** What a look at a member that is not in memory says, and why it was not one at all of it. */
export interface PiecesLook {
  readonly outcome: Outcome
  readonly gap?: Gap
}

/** What the scan of a file that is not in memory shares with that of its members. */
export interface LargeFile {
  readonly budget: Budget
  readonly pauses: Pauses
  /** `scan`: who asks, and who looks at what fits into memory. */
  lookAtPieces(member: PiecesMember, depth: number, scan: ContentScan): Promise<PiecesLook>
}

/** What one scanner looks with. */
export interface ScanTools {
  readonly detectors: Detectors
  readonly unpackers: Unpackers
  readonly limits: Limits
  readonly secondEngine: SecondEngine | null
  /** Without one, a file is looked at without a pause. */
  readonly pausePoint?: PausePoint
}

/** Formats in which the second engine sees more than in their members. */
const askedAsWhole: ReadonlySet<Format> = new Set<Format>(['ole', 'ooxml', 'pdf', 'mail', 'pe', 'elf', 'image'])

/** What is said of a content that only looks like a container in part. */
const noContainer: ReadonlySet<NotScannedReason> = new Set<NotScannedReason>(['corrupt', 'truncated'])

/** Worth something of their own: an archive that hangs behind one of these is not all there is. */
const documents: ReadonlySet<Format> = new Set<Format>(['image', 'pdf'])

export class ContentScan {
  private readonly detectors: Detectors
  private readonly unpackers: Unpackers
  private readonly limits: Limits
  private readonly secondEngine: SecondEngine | null
  private readonly budget: Budget
  private readonly pauses: Pauses
  private readonly path: string
  private readonly large: LargeFile | null
  private readonly seen = new Map<string, Outcome>()
  private objects = 0
  private bytes = 0
  private excluded = 0

  /** `path`: where the content is, for rules that ask. One scan object for one file. `large`: for a file not in memory. */
  constructor(tools: ScanTools, path: string, large: LargeFile | null = null) {
    this.detectors = tools.detectors
    this.unpackers = tools.unpackers
    this.limits = tools.limits
    this.secondEngine = tools.secondEngine
    this.budget = large?.budget ?? new Budget(tools.limits)
    this.pauses = large?.pauses ?? new Pauses(tools.pausePoint, this.budget)
    this.large = large
    this.path = path
  }

  async scan(bytes: Buffer, name: Buffer): Promise<ContentReport> {
    const outcome = await this.look({ bytes, name, depth: 0 })
    this.pauses.throwIfRecalled()
    return this.report(outcome)
  }

  /** All that was looked at by now, as found in the outermost content. */
  report({ sha256, findings, findingsComplete, problems, moreProblems, opened, leaves }: Outcome): ContentReport {
    const cost = { objects: this.objects, bytes: this.bytes, excluded: this.excluded }
    const report = { sha256, findings, findingsComplete, problems, moreProblems, ...cost }
    return opened === undefined ? report : { ...report, container: { format: opened, leaves } }
  }

  /** Counts a content that was looked at outside of this. */
  count(bytes: number, excluded: number): void {
    this.objects += 1
    this.bytes += bytes
    this.excluded += excluded
  }

  /** A content in memory and everything inside of it. */
  async look(content: Content): Promise<Outcome> {
    const { bytes, depth } = content
    this.count(bytes.length, 0)
    const digest = createHash('sha256').update(bytes).digest()
    const sha256 = digest.toString('hex')
    const known = this.seen.get(sha256)
    const outcome = new Outcome(this.limits, depth, sha256)
    // A content inside of itself: what is in it is reported by the outer one, which is still being looked at.
    if (known !== undefined && !known.done) return outcome
    if (known !== undefined && isReusable(known, depth)) return known
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
    outcome.dropExplained(own)
    if (isPartOfSeveral(content.name, format, outcome)) outcome.addGap('split')
    await this.askSecondEngine(content, format, outcome)
  }

  private detect(
    { bytes, name, depth }: Content,
    { digest, format, outcome }: { digest: Buffer; format: Format; outcome: Outcome },
  ): void {
    const subject = { bytes, sha256: digest, format, name: name.toString('utf8'), path: this.path, depth }
    const { detections, excluded, problem } = this.detectors.detect(subject)
    this.excluded += excluded
    for (const detection of detections) outcome.addFinding({ member: [], ...detection })
    if (problem !== undefined) outcome.addGap(problem)
    const unopened = unopenedReason(bytes, format)
    if (unopened !== null) outcome.addGap(unopened)
  }

  /** A container whose members it was asked about need not be sent as a whole, unless it is a document. */
  private async askSecondEngine({ bytes }: Content, format: Format, outcome: Outcome): Promise<void> {
    if (this.secondEngine === null) return
    if (outcome.opened !== undefined && !askedAsWhole.has(format)) return
    const files = outcome.opened === undefined ? 0 : outcome.leaves
    const opinion = await this.secondEngine.ask(bytes, { withinMs: this.budget.timeLeftMs(), files })
    if (opinion.kind === 'incomplete') outcome.addGap('second-engine')
    if (opinion.kind !== 'found') return
    const { detections, excluded } = this.detectors.fromSecondEngine(opinion.threat)
    this.excluded += excluded
    for (const detection of detections) outcome.addFinding({ member: [], ...detection })
  }

  private async open({ bytes, name, depth }: Content, format: Format, outcome: Outcome): Promise<void> {
    const { budget } = this
    const openings = this.unpackers.openings(bytes, format).map((opening): OpenedMembers => {
      const members = opening.unpacker.unpack({ ...opening, name, budget })
      return { ...opening, members }
    })
    await this.lookAtOpenings(openings, { format, depth, outcome })
  }

  /** Opens a content of this format and depth in all these ways. */
  async lookAtOpenings(
    openings: readonly OpenedMembers[],
    { format, depth, outcome }: { format: Format; depth: number; outcome: Outcome },
  ): Promise<void> {
    if (openings.length === 0) return
    if (depth >= this.limits.recursionLevels) return outcome.addGap('recursion')
    const allowed = this.limits.archives > 0 ? openings : openings.filter((opening) => !isArchiveFormat(opening.format))
    if (allowed.length < openings.length) outcome.addGap('not-opened')
    const hasBehind = allowed.some((opening) => opening.guessed || opening.format !== format)
    let leaves = hasBehind && documents.has(format) ? 1 : 0
    for (const opening of allowed) leaves += await this.lookAtMembers(opening, depth, outcome)
    if (outcome.opened !== undefined) outcome.leaves = leaves
  }

  /** How many leaves came out of a container that lies at this depth. */
  private async lookAtMembers(
    { members, guessed, format, isCarried }: OpenedMembers,
    depth: number,
    outcome: Outcome,
  ): Promise<number> {
    let leaves = 0
    // What is only guessed to be a container has problems as soon as it turns out to be one. What was opened already as what
    // it is has none from this, and the same contents again: a tar whose last member is a ZIP also ends like one.
    const early: NotScannedReason[] = []
    const isAgain = (guessed || isCarried === true) && outcome.opened !== undefined
    const isSecond = isAgain && !isCarried
    for await (const member of unbroken(members)) {
      if (member.kind === 'problem') {
        if (guessed && leaves === 0 && member.reason !== 'split') early.push(member.reason)
        else if (!isSecond) {
          const isAll = member.isAll === true && !isCarried && !guessed
          outcome.addProblem({ member: [], reason: member.reason, partial: !isAll })
        }
        continue
      }
      for (const reason of early.splice(0)) if (!isSecond) outcome.addGap(reason)
      const refused = this.budget.admitMember()
      if (refused !== null) {
        outcome.addGap(refused)
        leaves += 1
        break
      }
      await this.pauses.rest()
      if (isAgain && member.kind === 'content' && this.wasSeen(member.bytes)) continue
      leaves += await this.lookAtMember(member, depth + 1, outcome)
    }
    if (leaves > 0) outcome.opened ??= format
    // Nothing came out, but not because it is none: only what is no container is damaged in the eyes of who opens it.
    for (const reason of early) if (!isSecond && !noContainer.has(reason)) outcome.addGap(reason)
    return leaves
  }

  private wasSeen(bytes: Buffer): boolean {
    return this.seen.has(createHash('sha256').update(bytes).digest('hex'))
  }

  /** How many leaves it has: one, unless it is a container itself. */
  private async lookAtMember(
    member: Exclude<LargeMember, { kind: 'problem' }>,
    depth: number,
    outcome: Outcome,
  ): Promise<number> {
    const shown = memberName(member.name)
    if (member.kind === 'skipped') {
      outcome.addProblem({ member: [shown], reason: member.reason, partial: false })
      return 1
    }
    const { outcome: inner, gap } = await this.lookIntoMember(member, depth)
    outcome.addMember(shown, inner, gap)
    return inner.leaves
  }

  private async lookIntoMember(member: ContentMember | PiecesMember, depth: number): Promise<PiecesLook> {
    if (member.kind === 'pieces') {
      if (this.large === null) throw new Error('a content in memory has no member that is not')
      return this.large.lookAtPieces(member, depth, this)
    }
    const { bytes, name, problem, isPaid } = member
    if (!isPaid) this.budget.spend(bytes.length)
    const outcome = await this.look({ bytes, name, depth })
    return problem === undefined ? { outcome } : { outcome, gap: { reason: problem, partial: true } }
  }
}

/** A fault of who opens a container costs the rest of that container, never what was found already. */
async function* unbroken(members: OpenedMembers['members']): AsyncGenerator<LargeMember> {
  try {
    yield* members
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof TypeError)) throw error
    yield { kind: 'problem', reason: 'corrupt' }
  }
}

/** What was cut off by depth is worth another look when the same content appears higher up. */
function isReusable(known: Outcome, depth: number): boolean {
  return known.depth <= depth || known.problems.every(({ reason }) => reason !== 'recursion')
}

const partName = /\.(?:7z|zip|rar|tar|gz|bz2|xz)\.\d{2,3}$|\.[zr]\d{2}$|\.part\d{1,4}\.rar$/i

/** A piece of an archive, which says nothing alone. A name can only add this gap, never take one away. */
export function isPartOfSeveral(name: Buffer, format: Format, { problems }: Outcome): boolean {
  if (!partName.test(name.toString('latin1'))) return false
  return format === 'data' || problems.some(({ reason }) => reason === 'truncated' || reason === 'corrupt')
}
