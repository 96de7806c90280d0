// Looks at a file too large for memory: one pass in windows, then the members of what opens without being held as a whole.
// Never holds more of it than a window or a member; what other containers hold is reported as not looked at.
import type { ByteSource } from '../files/byte-source.ts'
import { type Format, identify } from '../identify/identify.ts'
import { unopenedReason } from '../identify/unopened.ts'
import type { Limits } from '../limits/limits.ts'
import { Budget } from '../unpack/budget.ts'
import { sourceOfFile } from '../unpack/large/file-source.ts'
import { fileOpenings, startBytes } from '../unpack/large/large-containers.ts'
import { isContainer } from '../unpack/unpackers.ts'
import { type OpenFile, readAt, readInto } from '../walk/file-reader.ts'
import { type ContentReport, ContentScan, isPartOfSeveral } from './content-scan.ts'
import type { Digests } from './hash-signatures.ts'
import { Outcome } from './outcome.ts'
import { Pauses } from './pauses.ts'
import { PiecesScan, type PiecesTools } from './pieces-scan.ts'
import { WindowScan } from './window-scan.ts'

interface FileFacts {
  readonly fd: number
  readonly name: Buffer
  readonly size: number
  /** Only so much from its start is looked at. */
  readonly end: number
  readonly format: Format
}

/** Of the time, for the file itself when its members are looked at too: a compressed one shows nothing from outside. */
const ownShare = 0.5
/** Of the time, for the scan and the digest of the rest of a detected file: what does not fit keeps its finding all the same. */
const digestShare = 1.1
const restBytes = 1024 * 1024

/** One for one file. */
export class LargeScan {
  private readonly tools: PiecesTools
  private readonly limits: Limits
  private readonly path: string
  readonly budget: Budget
  readonly pauses: Pauses
  private readonly members: ContentScan

  constructor(tools: PiecesTools, path: string) {
    this.tools = tools
    this.limits = tools.limits
    this.path = path
    this.budget = new Budget(tools.limits)
    this.pauses = new Pauses(tools.pausePoint, this.budget)
    this.members = new ContentScan(tools, path, new PiecesScan(tools, path, this))
  }

  /** Throws file system errors. Without findings in a file above `objectBytes`, `sha256` is of its start only. */
  async scan({ fd, stat }: OpenFile, name: Buffer): Promise<ContentReport> {
    const size = Number(stat.size)
    const end = Math.min(size, this.limits.objectBytes)
    const source = sourceOfFile({ fd, size, memory: this.tools.buffer })
    const start = source.read(0, startBytes)
    const format = identify(start)
    const openings = fileOpenings({ source, end, name, budget: this.budget }, format)
    const file = { fd, name, size, end, format }
    const windows = await this.readWindows(file, openings.length > 0 ? ownShare : 1)
    const digests = windows.size === size ? windows.digests() : null
    if (digests !== null && this.tools.detectors.isTrusted(digests.sha256, size)) {
      this.members.count(windows.size, 0)
      return this.members.report(new Outcome(this.limits, 0, digests.sha256.toString('hex')))
    }
    const outcome = new Outcome(this.limits, 0)
    for (const reason of windows.problems) outcome.addGap(reason)
    await this.members.lookAtOpenings(openings, { format, depth: 0, outcome })
    const unopened = unopenedReason(source, format)
    if (unopened !== null) outcome.addGap(unopened)
    const isOpened = openings.some(({ guessed }) => !guessed)
    const isUnopened = !isOpened && isContainer({ source, start, format }, this.tools.unpackers)
    if (end < size || isUnopened) outcome.addGap('too-big')
    // It takes contents as a whole only.
    if (this.tools.secondEngine !== null) outcome.addGap('second-engine')
    if (isPartOfSeveral(name, format, outcome)) outcome.addGap('split')
    this.pauses.throwIfRecalled()
    return await this.reportOf(file, { windows, digests, outcome, source })
  }

  private async readWindows({ fd, name, size, end, format }: FileFacts, share: number): Promise<WindowScan> {
    const { detectors, limits, windowBuffers } = this.tools
    const windows = new WindowScan(
      { detectors, limits, memory: windowBuffers[0] },
      { name, path: this.path, size, format },
    )
    try {
      while (windows.size < end) {
        const free = windows.free()
        const { length } = readInto(free.subarray(0, end - windows.size), fd, windows.size)
        if (length === 0) break
        windows.added(length)
        await this.pauses.rest()
        if (this.budget.isPast(share) && windows.size < end) windows.stopMatching('time-limit')
        if (this.budget.isOverTime()) break
      }
    } finally {
      windows.close()
    }
    return windows
  }

  private async reportOf(
    { fd }: FileFacts,
    looked: { windows: WindowScan; digests: Digests | null; outcome: Outcome; source: ByteSource },
  ): Promise<ContentReport> {
    const { windows, digests, outcome, source } = looked
    const read = windows.size
    if (digests === null && (windows.hasMatches || outcome.findings.length > 0)) await this.hashRest(fd, windows)
    const final = digests ?? windows.digests()
    const { detections, excluded, problem } = windows.detected(final, source)
    outcome.sha256 = final.sha256.toString('hex')
    outcome.addOwnLast(detections)
    if (problem !== undefined) outcome.addGap(problem)
    this.members.count(read, excluded)
    return this.members.report(outcome)
  }

  /** The identity of a detected file needs the digest of all of it, or of as much as there is time for. */
  private async hashRest(fd: number, windows: WindowScan): Promise<void> {
    while (!this.budget.isPast(digestShare)) {
      const bytes = readAt(fd, windows.size, restBytes)
      if (bytes.length === 0) return
      windows.hashOnly(bytes)
      await this.pauses.rest()
    }
  }
}
