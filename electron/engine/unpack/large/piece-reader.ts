// Reads on through a content that comes in pieces.
// Never holds more of it than one piece and what was looked at ahead.
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import type { LentBytes } from '../../files/byte-source.ts'
import type { ReadBuffer } from '../../walk/read-buffer.ts'
import type { ForwardReader } from './forward-reader.ts'

export interface PieceInput {
  readonly pieces: AsyncIterator<Buffer>
  /** What contents are lent from. */
  readonly memory: ReadBuffer
  /** Why there was no more, after the last piece. */
  readonly endReason: () => NotScannedReason
}

const none = Buffer.alloc(0)

export class PieceReader implements ForwardReader {
  private readonly input: PieceInput
  private current: Buffer = none
  private passed = 0

  constructor(input: PieceInput) {
    this.input = input
  }

  get at(): number {
    return this.passed
  }

  endReason(): NotScannedReason {
    return this.input.endReason()
  }

  /** The next bytes without passing them; fewer only at the end. */
  async peek(length: number): Promise<Buffer> {
    const ahead = [this.current]
    let size = this.current.length
    while (size < length) {
      const piece = await this.nextPiece()
      if (piece === null) break
      ahead.push(piece)
      size += piece.length
    }
    if (ahead.length > 1) this.current = Buffer.concat(ahead)
    return this.current.subarray(0, length)
  }

  async isAtEnd(): Promise<boolean> {
    return (await this.peek(1)).length === 0
  }

  take(length: number): Buffer | Promise<Buffer> {
    if (this.current.length >= length) return Buffer.from(this.passOver(length))
    return this.fill(Buffer.allocUnsafe(length))
  }

  async lend(length: number): Promise<LentBytes> {
    const { bytes, giveBack } = this.input.memory.borrow(length)
    try {
      return { bytes: await this.fill(bytes), giveBack }
    } catch (error) {
      giveBack()
      throw error
    }
  }

  async skip(length: number): Promise<void> {
    if (length <= this.current.length) this.passOver(length)
    else for await (const piece of this.pieces(length)) void piece
  }

  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (this.current.length === 0) this.current = (await this.nextPiece()) ?? none
      if (this.current.length === 0) return
      const piece = this.passOver(Math.min(left, this.current.length))
      left -= piece.length
      yield piece
    }
  }

  /** Fills `into`; the part that was filled. */
  async fill(into: Buffer): Promise<Buffer> {
    let filled = 0
    for await (const piece of this.pieces(into.length)) {
      piece.copy(into, filled)
      filled += piece.length
    }
    return into.subarray(0, filled)
  }

  private passOver(length: number): Buffer {
    const piece = this.current.subarray(0, length)
    this.current = this.current.subarray(length)
    this.passed += length
    return piece
  }

  private async nextPiece(): Promise<Buffer | null> {
    for (;;) {
      const { done, value } = await this.input.pieces.next()
      if (done) return null
      if (value.length > 0) return value
    }
  }
}
