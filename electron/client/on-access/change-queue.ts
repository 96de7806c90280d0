// Changed files that wait to be checked: each once, when it has been quiet for a moment, or at the latest after a while.
// Bounded: what does not fit is left to the next listing. Never looks at a file itself.
import type { FilePath } from '#shared/domain/file-path.ts'
import type { Clock, Timer } from '../ports.ts'
import type { ChangedFile } from './changed-files.ts'

export interface ChangeQueueDeps {
  readonly clock: Clock
  /** The file as it stands now; null when it is gone. */
  readonly look: (path: FilePath) => Promise<ChangedFile | null>
  /** Checks one file. Throws when it could not be checked now; it is tried again. */
  readonly check: (path: FilePath) => Promise<void>
}

export interface ChangeQueue {
  /** False: there is no room; the caller has to list again later. */
  add(path: FilePath): boolean
  readonly length: number
  clear(): void
}

interface Waiting {
  readonly path: FilePath
  readonly since: number
  readonly due: number
}

const quietMs = 200
const latestMs = 2000
const tickMs = 25
/** The engine was not there: the file is tried again. */
const retryMs = 5000
const mostWaiting = 50_000
const mostAtOnce = 8
/** Versions that were checked, so that a listing does not bring the same file again. */
const keptChecked = 100_000

export function createChangeQueue(deps: ChangeQueueDeps): ChangeQueue {
  return new FileQueue(deps)
}

class FileQueue implements ChangeQueue {
  readonly #deps: ChangeQueueDeps
  readonly #waiting = new Map<string, Waiting>()
  readonly #checked = new Map<string, string>()
  #active = 0
  #timer: Timer | null = null

  constructor(deps: ChangeQueueDeps) {
    this.#deps = deps
  }

  get length(): number {
    return this.#waiting.size + this.#active
  }

  add(path: FilePath): boolean {
    const key = keyOf(path)
    const now = this.#deps.clock.monotonicMs()
    const known = this.#waiting.get(key)
    if (known) {
      // To the end, so that the map stays in the order in which files are due.
      this.#waiting.delete(key)
      this.#waiting.set(key, { ...known, due: Math.min(now + quietMs, known.since + latestMs) })
      return true
    }
    if (this.#waiting.size >= mostWaiting) return false
    this.#waiting.set(key, { path, since: now, due: now + quietMs })
    this.#wake()
    return true
  }

  clear(): void {
    this.#waiting.clear()
    this.#timer?.cancel()
    this.#timer = null
  }

  #wake(): void {
    if (this.#timer === null && this.#waiting.size > 0) this.#timer = this.#deps.clock.after(tickMs, () => this.#tick())
  }

  #tick(): void {
    this.#timer = null
    this.#fill()
    this.#wake()
  }

  /** Begins as many of the files that are due as may be under way. */
  #fill(): void {
    const now = this.#deps.clock.monotonicMs()
    for (const [key, file] of this.#waiting) {
      if (this.#active >= mostAtOnce || file.due > now) return
      this.#waiting.delete(key)
      this.#active += 1
      void this.#work(key, file).finally(() => {
        this.#active -= 1
        // The next one that is due need not wait for the clock.
        this.#fill()
      })
    }
  }

  async #work(key: string, file: Waiting): Promise<void> {
    const current = await this.#deps.look(file.path)
    if (current === null || this.#checked.get(key) === current.version) return
    try {
      await this.#deps.check(file.path)
    } catch {
      const now = this.#deps.clock.monotonicMs()
      if (!this.#waiting.has(key)) this.#waiting.set(key, { path: file.path, since: now, due: now + retryMs })
      return
    }
    this.#checked.delete(key)
    this.#checked.set(key, current.version)
    const oldest = this.#checked.size > keptChecked ? this.#checked.keys().next() : null
    if (oldest?.value !== undefined) this.#checked.delete(oldest.value)
  }
}

function keyOf({ text, bytes }: FilePath): string {
  return bytes ?? text
}
