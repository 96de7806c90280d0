// Memory that files are read into, used again for the next file: a long scan would else leave the collector far behind.
// Lent to one content at a time; never given back while anything of that content is still looked at.

export interface Lent {
  /** `size` bytes, with whatever was in them before. */
  readonly bytes: Buffer
  giveBack(): void
}

export interface ReadBuffer {
  /** Somebody who borrows while it is lent gets memory of their own. */
  borrow(size: number): Lent
  dispose(): void
}

/** Smaller ones come from Node's pool, which costs less. */
const smallest = 64 * 1024
/** Kept at most, in bytes. */
const largest = 64 * 1024 * 1024
/** Given free when no file was read for so long, in ms. */
const keptMs = 3000

/** One for each thread. */
export function createReadBuffer(): ReadBuffer {
  let kept = Buffer.alloc(0)
  let isLent = false
  let expiry: ReturnType<typeof setTimeout> | undefined

  const forget = (): void => {
    kept = Buffer.alloc(0)
    expiry = undefined
  }

  return {
    borrow: (size) => {
      if (size < smallest || size > largest || isLent) return { bytes: Buffer.allocUnsafe(size), giveBack: () => {} }
      if (kept.length < size) kept = Buffer.allocUnsafeSlow(Math.min(largest, 2 ** Math.ceil(Math.log2(size))))
      isLent = true
      return {
        bytes: kept.subarray(0, size),
        giveBack: () => {
          isLent = false
          // Renewed, not replaced: that costs nothing for each of many files.
          expiry ??= setTimeout(forget, keptMs).unref()
          expiry.refresh()
        },
      }
    },
    dispose: () => {
      clearTimeout(expiry)
      forget()
    },
  }
}
