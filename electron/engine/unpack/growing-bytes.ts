// Bytes that a decoder makes one after the other, up to a bound: they take about as much memory as they are long, however
// small the pieces are that they come in.
// Never makes more than the bound, and tells when it was met.

const smallest = 1024

export class GrowingBytes {
  readonly #most: number
  #bytes: Buffer
  #length = 0
  #isCut = false

  constructor(most: number) {
    this.#most = Math.max(0, most)
    this.#bytes = Buffer.allocUnsafe(Math.min(this.#most, smallest))
  }

  get length(): number {
    return this.#length
  }

  /** There was more than there is room for: what did not fit is missing. */
  get isCut(): boolean {
    return this.#isCut
  }

  push(byte: number): void {
    if (this.#length === this.#bytes.length && this.#roomFor(1) === 0) return
    this.#bytes[this.#length++] = byte
  }

  append(piece: Uint8Array): void {
    const fitting = piece.subarray(0, this.#roomFor(piece.length))
    this.#bytes.set(fitting, this.#length)
    this.#length += fitting.length
  }

  /** The same byte `count` times. */
  fill(byte: number, count: number): void {
    const end = this.#length + this.#roomFor(count)
    this.#bytes.fill(byte, this.#length, end)
    this.#length = end
  }

  /** Once more the `count` bytes that begin at `from`, one by one: they may reach into those that are just being made. */
  copy(from: number, count: number): void {
    const end = this.#length + this.#roomFor(count)
    for (let at = from; this.#length < end; at += 1) this.#bytes[this.#length++] = this.#bytes[at] ?? 0
  }

  /** All of them. The object is used up. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Makes room; how many of so many bytes there is room for. */
  #roomFor(count: number): number {
    const wanted = this.#length + count
    const fitting = Math.min(wanted, this.#most)
    if (wanted > fitting) this.#isCut = true
    if (fitting > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.min(this.#most, Math.max(fitting, this.#bytes.length * 2, smallest)))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    return fitting - this.#length
  }
}
