// The files of a scan that are ready to be read: large ones first, and never so many at once that memory runs short.
// Knows sizes as the walk saw them; never opens a file.
import type { KnownFolder } from '../cache/clean-cache.ts'

/** A file to look at. `link`: set when the file has several names, equal for all of them. */
export interface FeedFile {
  readonly path: Buffer
  readonly size: number
  readonly link: string | null
  /** The memory of its folder, where there is one. */
  readonly known?: KnownFolder
}

const largeBytes = 4 * 1024 * 1024
/** Bytes of large files that may be in memory together; a larger one alone. */
const together = 160 * 1024 * 1024
/** Taken entries that are kept until the list is shortened. */
const keptTaken = 2000

/** A queue that gives back what could not be worked on to its front. */
export class FeedQueue {
  #files: FeedFile[] = []
  readonly #large: FeedFile[] = []
  #at = 0

  get length(): number {
    return this.#files.length - this.#at + this.#large.length
  }

  push(file: FeedFile): void {
    if (isLarge(file)) this.#large.push(file)
    else this.#files.push(file)
  }

  /**
   * Up to `maxFiles` files, fewer when they are big. `inWork`: what others took and are not done with. None although there are
   * some: they have to wait for that.
   */
  take(maxFiles: number, maxBytes: number, inWork: readonly FeedFile[]): FeedFile[] {
    // Large ones as soon as they are known, so that no worker is left alone with one at the end.
    const large = this.#takeLarge(inWork)
    if (large !== undefined) return [large]
    const taken: FeedFile[] = []
    let bytes = 0
    while (taken.length < maxFiles && bytes < maxBytes) {
      const file = this.#files[this.#at]
      if (!file) break
      this.#at += 1
      bytes += file.size
      taken.push(file)
    }
    if (this.#at > keptTaken) {
      this.#files = this.#files.slice(this.#at)
      this.#at = 0
    }
    return taken
  }

  giveBack(files: readonly FeedFile[]): void {
    this.#large.unshift(...files.filter(isLarge))
    this.#files = [...files.filter((file) => !isLarge(file)), ...this.#files.slice(this.#at)]
    this.#at = 0
  }

  #takeLarge(inWork: readonly FeedFile[]): FeedFile | undefined {
    if (this.#large.length === 0) return undefined
    const bytes = inWork.reduce((sum, file) => (isLarge(file) ? sum + file.size : sum), 0)
    const at = this.#large.findIndex(({ size }) => bytes === 0 || bytes + size <= together)
    return at < 0 ? undefined : this.#large.splice(at, 1)[0]
  }
}

function isLarge({ size }: FeedFile): boolean {
  return size >= largeBytes
}
