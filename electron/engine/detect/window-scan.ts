// Hashes a content that comes in pieces and matches it in windows that overlap, in one pass.
// Holds one window of it at a time; never opens it, never decides how much of it is read.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { ByteSource } from '../files/byte-source.ts'
import type { Format } from '../identify/identify.ts'
import type { Limits } from '../limits/limits.ts'
import type { ReadBuffer } from '../walk/read-buffer.ts'
import { type Detected, type Detectors, variablesOf } from './detectors.ts'
import type { Digests, PiecewiseHash } from './hash-signatures.ts'
import type { Detection } from './subject.ts'

export interface WindowTools {
  readonly detectors: Detectors
  readonly limits: Limits
  /** What the window is lent from. */
  readonly memory: ReadBuffer
}

/** A content as rules may ask about it; `size` null while nobody knows it. */
export interface WindowSubject {
  readonly name: Buffer
  readonly path: string
  readonly size: number | null
  readonly format: Format
}

/** As many as hold the tables at the end of a large program or document. */
const tailBytes = 256 * 1024

export class WindowScan {
  private readonly detectors: Detectors
  private readonly subject: WindowSubject
  private readonly overlap: number
  private readonly window: Buffer
  private readonly giveBack: () => void
  private readonly hash: PiecewiseHash
  private readonly matched: Detection[] = []
  private readonly reasons = new Set<NotScannedReason>()
  private filled = 0
  /** Bytes of the window that were in the one before it. */
  private old = 0
  private isMatching = true
  private end: Buffer = Buffer.alloc(0)
  private passed = 0

  constructor({ detectors, limits, memory }: WindowTools, subject: WindowSubject) {
    this.detectors = detectors
    this.subject = subject
    this.overlap = limits.windowOverlapBytes
    const most = limits.windowBytes + limits.windowOverlapBytes
    const lent = memory.borrow(
      subject.size === null ? most : Math.min(most, subject.size + limits.windowOverlapBytes + 1),
    )
    this.window = lent.bytes
    this.giveBack = lent.giveBack
    this.hash = detectors.hashInPieces(subject.size)
  }

  /** Bytes that came in. */
  get size(): number {
    return this.passed
  }

  get hasMatches(): boolean {
    return this.matched.length > 0
  }

  /** Why not all that came in was matched. */
  get problems(): ReadonlySet<NotScannedReason> {
    return this.reasons
  }

  /** Where the next bytes may be put, to be `added`; never empty. */
  free(): Buffer {
    return this.window.subarray(this.filled)
  }

  /** So many bytes were put where they may be. */
  added(bytes: number): void {
    this.hash.update(this.window.subarray(this.filled, this.filled + bytes))
    this.filled += bytes
    this.passed += bytes
    if (this.filled === this.window.length) this.matchWindow(false)
  }

  push(piece: Buffer): void {
    for (let at = 0; at < piece.length; ) {
      const copied = piece.copy(this.free(), 0, at)
      this.added(copied)
      at += copied
    }
  }

  /** From now on bytes are only hashed. */
  stopMatching(reason: NotScannedReason): void {
    this.reasons.add(reason)
    this.isMatching = false
  }

  /** After `close`: the last bytes that came in. */
  get tail(): Buffer {
    return this.end
  }

  /** Matches what is left and gives the window back; must be called once. From then on there is only the hash. */
  close(): void {
    this.end = Buffer.from(this.window.subarray(Math.max(0, this.filled - tailBytes), this.filled))
    if (this.filled > this.old) this.matchWindow(this.old === 0)
    this.giveBack()
  }

  /** More bytes that are not matched, also after `close`. */
  hashOnly(piece: Buffer): void {
    this.hash.update(piece)
    this.passed += piece.length
  }

  /** Of all bytes that came in; once. */
  digests(): Digests {
    return this.hash.digests()
  }

  /** What the digests and the patterns tell; with all of the content at hand, what its sections tell too. */
  detected(digests: Digests, content?: ByteSource): Detected {
    const program = this.subject.format === 'pe' ? content : undefined
    return this.detectors.detectInPieces(digests, this.passed, this.matched, program)
  }

  /** `isWhole`: there is nothing but this window. */
  private matchWindow(isWhole: boolean): void {
    const bytes = this.window.subarray(0, this.filled)
    if (this.isMatching) {
      const { name, path, format } = this.subject
      const variables = variablesOf({ name: name.toString('utf8'), path, format })
      const { detections, problem } = this.detectors.byPattern(bytes, variables, { isWhole })
      this.matched.push(...detections)
      if (problem !== undefined) this.reasons.add(problem)
    }
    const kept = Math.min(this.overlap, this.filled)
    this.window.copyWithin(0, this.filled - kept, this.filled)
    this.old = kept
    this.filled = kept
  }
}
