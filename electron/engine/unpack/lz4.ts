// Opens LZ4: frames one after the other, which are one content, and the older form of Linux kernels. Bounded by the budget of
// the file. Never believes a stated size; sums over the content are not checked. Sources: LZ4 frame and block format descriptions.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { Format } from '../identify/identify.ts'
import { lz4Frame, lz4Marks, oldBlock } from '../identify/lz4-start.ts'
import { membersBehind } from './behind.ts'
import type { Budget } from './budget.ts'
import { GrowingBytes } from './growing-bytes.ts'
import { nameWithoutEnding } from './gzip.ts'
import type { Unpacker } from './unpacker.ts'

const formats: ReadonlySet<Format> = new Set<Format>(['lz4'])

export const lz4Unpacker: Unpacker = {
  formats,
  unpack: async function* ({ bytes, name, budget, isBehindSeen }) {
    const stream = new Lz4Stream(bytes, budget)
    const problem = stream.read()
    const content = stream.made.take()
    const giveBack = budget.hold(content.length)
    try {
      const member = { kind: 'content', name: nameWithoutEnding(name), bytes: content } as const
      yield problem === undefined ? member : { ...member, problem }
    } finally {
      giveBack()
    }
    if (problem === undefined) yield* membersBehind(bytes.subarray(stream.at), { isBehindSeen })
  },
}

const isStored = 0x80000000
/** A block of a frame is never larger. */
const largestBlock = 4 * 1024 * 1024

class Lz4Stream {
  /** Behind what was read. */
  at = 0
  readonly made: GrowingBytes
  private readonly bytes: Buffer
  private readonly budget: Budget

  constructor(bytes: Buffer, budget: Budget) {
    this.bytes = bytes
    this.budget = budget
    this.made = new GrowingBytes(budget.room())
  }

  /** Goes on to what is no frame any more; why that is not all of it. */
  read(): NotScannedReason | undefined {
    const { bytes } = this
    while (this.at + 4 <= bytes.length) {
      const mark = bytes.readUInt32LE(this.at)
      let problem: NotScannedReason | undefined
      if (mark === lz4Marks.frame) problem = this.frame()
      else if (mark === lz4Marks.old) problem = this.oldFrame()
      else if ((mark & 0xfffffff0) >>> 0 === lz4Marks.skipped) this.at += 8 + (this.number(4) ?? 0)
      else return undefined
      if (problem !== undefined) return problem
    }
    return this.at > bytes.length ? 'truncated' : undefined
  }

  private frame(): NotScannedReason | undefined {
    const frame = lz4Frame(this.bytes, this.at)
    if (frame === null) return 'corrupt'
    if (frame.hasDictionary) return 'unsupported'
    this.at += frame.length
    const start = this.made.length
    for (;;) {
      const size = this.number(0)
      this.at += 4
      if (size === undefined) return 'truncated'
      if (size === 0) break
      const packed = size % isStored
      if (packed > largestBlock) return 'corrupt'
      const problem = size >= isStored ? this.stored(packed) : this.block(packed, start)
      if (problem !== undefined) return problem
      if (frame.hasBlockSums) this.at += 4
    }
    if (frame.hasSum) this.at += 4
    return undefined
  }

  /** Blocks up to the end, or to what cannot be the size of one. */
  private oldFrame(): NotScannedReason | undefined {
    this.at += 4
    for (let size = this.number(0); size !== undefined && size <= oldBlock.packed; size = this.number(0)) {
      if (size === 0) break
      this.at += 4
      const problem = this.block(size, this.made.length)
      if (problem !== undefined) return problem
    }
    return undefined
  }

  private stored(size: number): NotScannedReason | undefined {
    const piece = this.bytes.subarray(this.at, this.at + size)
    this.made.append(piece)
    this.at += size
    return piece.length < size ? 'truncated' : this.bound()
  }

  /** `start`: before this place of what was made there is nothing that it may repeat. */
  private block(size: number, start: number): NotScannedReason | undefined {
    const end = Math.min(this.at + size, this.bytes.length)
    const isCut = end < this.at + size
    while (this.at < end) {
      const token = this.bytes[this.at] ?? 0
      this.at += 1
      const literals = this.count(token >> 4, end)
      this.made.append(this.bytes.subarray(this.at, Math.min(end, this.at + literals)))
      this.at += literals
      if (this.made.isCut) return this.bound()
      if (this.at >= end) break
      const back = end - this.at < 2 ? 0 : this.bytes.readUInt16LE(this.at)
      this.at += 2
      const from = this.made.length - back
      const length = this.count(token & 15, end) + 4
      if (back === 0 || from < start) return isCut ? 'truncated' : 'corrupt'
      this.made.copy(from, length)
      if (this.made.isCut) return this.bound()
    }
    if (isCut) return 'truncated'
    return this.at > end ? 'corrupt' : this.bound()
  }

  private count(nibble: number, end: number): number {
    let value = nibble
    if (nibble < 15) return value
    for (let byte = 255; byte === 255 && this.at < end; this.at += 1) {
      byte = this.bytes[this.at] ?? 0
      value += byte
    }
    return value
  }

  private bound(): NotScannedReason | undefined {
    if (this.budget.isBomb(Math.max(1, this.at), this.made.length)) return 'bomb'
    if (this.made.isCut) return 'too-big'
    return this.budget.isOverTime() ? 'time-limit' : undefined
  }

  private number(ahead: number): number | undefined {
    const at = this.at + ahead
    return at + 4 <= this.bytes.length ? this.bytes.readUInt32LE(at) : undefined
  }
}
