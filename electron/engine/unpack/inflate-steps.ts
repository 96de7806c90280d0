// What an inflater is fed with: data that comes in pieces, handed on in steps, of which what was not used can be put back.
// Damage in a step throws away what came out of it: the start of the data, where whoever hides behind damage would be, goes in
// small steps.

export type Pieces = Iterable<Buffer> | AsyncIterable<Buffer>

const [fineBytes, fineStepBytes, stepBytes] = [2 * 1024 * 1024, 8192, 256 * 1024]

export class Steps {
  private readonly pieces: Iterator<Buffer> | AsyncIterator<Buffer>
  /** The next one last. */
  private readonly ahead: Buffer[] = []
  private passed = 0

  constructor(pieces: Pieces) {
    this.pieces = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()
  }

  /** Bytes that were handed out and not put back. */
  get at(): number {
    return this.passed
  }

  /** Null at the end. */
  next(): Promise<Buffer | null> {
    return this.some(this.passed < fineBytes ? fineStepBytes : stepBytes)
  }

  /** The last bytes of what was handed out. */
  putBack(bytes: Buffer): void {
    if (bytes.length > 0) this.ahead.push(bytes)
    this.passed -= bytes.length
  }

  /** The next bytes, fewer only at the end. */
  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for (let left = length; left > 0; ) {
      const part = await this.some(left)
      if (part === null) break
      parts.push(part)
      left -= part.length
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }

  /** Passes a text with its closing zero; false when there is none. */
  async passText(): Promise<boolean> {
    for (;;) {
      const part = await this.next()
      if (part === null) return false
      const end = part.indexOf(0)
      if (end === -1) continue
      this.putBack(part.subarray(end + 1))
      return true
    }
  }

  /** Passes zeros, if there are any. */
  async passZeros(): Promise<void> {
    for (let part = await this.next(); part !== null; part = await this.next()) {
      const end = part.findIndex((byte) => byte !== 0)
      if (end === -1) continue
      this.putBack(part.subarray(end))
      return
    }
  }

  /** Nothing is asked for any more. */
  async close(): Promise<void> {
    await this.pieces.return?.()
  }

  private async some(most: number): Promise<Buffer | null> {
    const piece = this.ahead.pop() ?? (await this.nextPiece())
    if (piece === null) return null
    const part = piece.subarray(0, most)
    if (piece.length > part.length) this.ahead.push(piece.subarray(part.length))
    this.passed += part.length
    return part
  }

  private async nextPiece(): Promise<Buffer | null> {
    const { done, value } = await this.pieces.next()
    return done ? null : value
  }
}
