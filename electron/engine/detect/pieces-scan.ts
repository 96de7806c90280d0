// Looks at what comes out of a large file without fitting into memory: in windows, opened on the way where that is possible.
// What turns out to fit goes to the content scan. Never reads a file itself.
import { sourceOfEnds } from '../files/byte-source.ts'
import { type Format, identify } from '../identify/identify.ts'
import { unopenedReason } from '../identify/unopened.ts'
import type { Limits } from '../limits/limits.ts'
import type { Budget } from '../unpack/budget.ts'
import { startBytes, streamOpening } from '../unpack/large/large-containers.ts'
import { MeteredPieces } from '../unpack/large/metered.ts'
import { PieceReader } from '../unpack/large/piece-reader.ts'
import type { PiecesMember } from '../unpack/unpacker.ts'
import { isContainer } from '../unpack/unpackers.ts'
import type { ReadBuffer } from '../walk/read-buffer.ts'
import { type ContentScan, isPartOfSeveral, type LargeFile, type PiecesLook, type ScanTools } from './content-scan.ts'
import { Outcome } from './outcome.ts'
import type { Pauses } from './pauses.ts'
import { WindowScan } from './window-scan.ts'

export interface PiecesTools extends ScanTools {
  /** What members are lent from. */
  readonly buffer: ReadBuffer
  /** What windows are lent from: so many contents may be read in pieces at the same time, one inside of the other. */
  readonly windowBuffers: readonly [ReadBuffer, ...ReadBuffer[]]
}

/** A content that is read in pieces now, and what is known of it. */
interface Reading {
  readonly member: PiecesMember
  readonly depth: number
  readonly reader: PieceReader
  readonly start: Buffer
  readonly format: Format
  readonly scan: ContentScan
  /** After the last piece: true when there was more than came. */
  isCut(): boolean
}

/** A compressed stream in a compressed stream is held up to this size: beyond, its content is read on as it comes out. */
const heldStreamBytes = 16 * 1024 * 1024

export class PiecesScan implements LargeFile {
  readonly budget: Budget
  readonly pauses: Pauses
  private readonly tools: PiecesTools
  private readonly limits: Limits
  private readonly path: string
  /** Contents that are read in pieces now, one inside of the other. */
  private levels = 0

  constructor(tools: PiecesTools, path: string, { budget, pauses }: Pick<LargeFile, 'budget' | 'pauses'>) {
    this.tools = tools
    this.limits = tools.limits
    this.path = path
    this.budget = budget
    this.pauses = pauses
  }

  async lookAtPieces(member: PiecesMember, depth: number, scan: ContentScan): Promise<PiecesLook> {
    const metered = new MeteredPieces(member, this.budget)
    const pieces = metered[Symbol.asyncIterator]()
    const reader = new PieceReader({
      pieces,
      memory: this.tools.buffer,
      endReason: () => metered.stopped ?? 'truncated',
    })
    try {
      const start = await reader.peek(startBytes)
      const isCut = () => metered.stopped !== undefined
      const outcome = await this.look({ member, depth, reader, start, format: identify(start), scan, isCut })
      if (outcome === null)
        return { outcome: new Outcome(this.limits, depth), gap: { reason: 'too-big', partial: false } }
      const reason = metered.stopped
      return reason === undefined ? { outcome } : { outcome, gap: { reason, partial: true } }
    } finally {
      // Nothing may be read on from what the pieces come from.
      await pieces.return(undefined)
    }
  }

  /** What turns out to fit into memory is looked at as everything that does. Null: not looked at. */
  private async look(reading: Reading): Promise<Outcome | null> {
    const { member, format, reader, depth, scan } = reading
    if (member.size !== null || format === 'tar') return this.lookInWindows(reading, Buffer.alloc(0))
    const { memberBytes } = this.limits
    const lent = this.tools.buffer.borrow(format === 'gz' ? Math.min(memberBytes, heldStreamBytes) : memberBytes)
    try {
      const bytes = await reader.fill(lent.bytes)
      if (await reader.isAtEnd()) return await scan.look({ bytes, name: member.name, depth })
      return await this.lookInWindows(reading, bytes)
    } finally {
      lent.giveBack()
    }
  }

  /** `head`: bytes that were read already. */
  private async lookInWindows(reading: Reading, head: Buffer): Promise<Outcome | null> {
    const { member, depth, format } = reading
    const { detectors, windowBuffers } = this.tools
    const { limits, path } = this
    const memory = windowBuffers[this.levels]
    if (memory === undefined) return null
    const { name, size } = member
    const windows = new WindowScan({ detectors, limits, memory }, { name, path, size, format })
    const outcome = new Outcome(limits, depth)
    this.levels += 1
    let isOpened = false
    try {
      isOpened = await this.open(reading, this.through(windows, head, reading.reader), outcome)
    } finally {
      windows.close()
      this.levels -= 1
    }
    this.addUnopened(reading, { windows, isOpened, outcome })
    return this.withOwn(reading, windows, outcome)
  }

  /** Opens what can be opened as it comes, then lets the rest of it come. False: there was no way in. */
  private async open(reading: Reading, pieces: AsyncGenerator<Buffer>, outcome: Outcome): Promise<boolean> {
    const { member, format, start, depth, scan } = reading
    const memory = this.tools.buffer
    const reader = new PieceReader({ pieces, memory, endReason: () => reading.reader.endReason() })
    const { budget } = this
    const opening = streamOpening({ reader, format, start, name: member.name, budget, isPaid: true })
    if (opening !== null) await scan.lookAtOpenings([opening], { format, depth, outcome })
    for await (const piece of reader.pieces(Number.POSITIVE_INFINITY)) void piece
    return opening !== null
  }

  /** What its beginning and its end tell of what could not be looked at. Where it was cut, nobody knows its end. */
  private addUnopened(
    { start, format, isCut }: Reading,
    { windows, isOpened, outcome }: { windows: WindowScan; isOpened: boolean; outcome: Outcome },
  ): void {
    const [tail, size] = isCut() ? [Buffer.alloc(0), Number.MAX_SAFE_INTEGER] : [windows.tail, windows.size]
    const source = sourceOfEnds(start, tail, size)
    // Its sections went by before anybody knew where they are.
    if (format === 'pe' && this.tools.detectors.asksSections(source)) outcome.addGap('too-big')
    const unopened = unopenedReason(source, format)
    if (unopened !== null) outcome.addGap(unopened)
    if (!isOpened && isContainer({ source, start, format }, this.tools.unpackers)) outcome.addGap('too-big')
  }

  private withOwn(reading: Reading, windows: WindowScan, outcome: Outcome): Outcome {
    const digests = windows.digests()
    const { detections, excluded, problem } = windows.detected(digests)
    outcome.sha256 = digests.sha256.toString('hex')
    // Known at the end only: then nothing that was found in it counts.
    const isTrusted = !reading.isCut() && this.tools.detectors.isTrusted(digests.sha256, windows.size)
    reading.scan.count(windows.size, isTrusted ? 0 : excluded)
    if (isTrusted) return new Outcome(this.limits, reading.depth, outcome.sha256)
    for (const reason of windows.problems) outcome.addGap(reason)
    if (problem !== undefined) outcome.addGap(problem)
    if (this.tools.secondEngine !== null) outcome.addGap('second-engine')
    if (isPartOfSeveral(reading.member.name, reading.format, outcome)) outcome.addGap('split')
    outcome.addOwnLast(detections)
    return outcome
  }

  /** The pieces of a content, each shown to its windows before it is handed on. */
  private async *through(windows: WindowScan, head: Buffer, rest: PieceReader): AsyncGenerator<Buffer> {
    for (let at = 0; at < head.length; at += startBytes) {
      const piece = head.subarray(at, at + startBytes)
      windows.push(piece)
      yield piece
    }
    for await (const piece of rest.pieces(Number.POSITIVE_INFINITY)) {
      windows.push(piece)
      await this.pauses.rest()
      yield piece
    }
  }
}
