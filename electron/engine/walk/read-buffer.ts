// Memory that files are read into: one piece that grows for a large file and is given back to the system right after it.
// The collector would be too late: a long scan would hold several large files at once.
// Lent to one content at a time; never given back while anything of that content is still looked at.

export interface Lent {
  /** `size` bytes, with whatever was in them before. */
  readonly bytes: Buffer
  giveBack(): void
}

export interface ReadBuffer {
  /** Somebody who borrows while it is lent gets memory of their own. */
  borrow(size: number): Lent
}

/** Smaller ones come from Node's pool, which costs less. */
const smallest = 64 * 1024
/** Kept between files, in bytes. */
const kept = 8 * 1024 * 1024

/** One for each thread. `largest`: bytes that it can grow to; only addresses are reserved for them. */
export function createReadBuffer(largest: number): ReadBuffer {
  const memory = new ArrayBuffer(0, { maxByteLength: largest })
  let isLent = false
  return {
    borrow: (size) => {
      if (size < smallest || size > largest || isLent) return { bytes: Buffer.allocUnsafe(size), giveBack: () => {} }
      if (memory.byteLength < size) memory.resize(size)
      isLent = true
      return {
        bytes: Buffer.from(memory, 0, size),
        giveBack: () => {
          if (memory.byteLength > kept) memory.resize(kept)
          isLent = false
        },
      }
    },
  }
}
