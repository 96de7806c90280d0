// Changed files that wait to be checked: each once, when it has been quiet for a moment, or at the latest after a while.
// Bounded: what does not fit is left to the next listing, and a file over which the engine keeps dying is given up. Never
// looks at a file itself.
import type { FilePath } from '#shared/domain/file-path.ts'
import { codeOf } from '#shared/errors.ts'
import type { Clock, Timer } from '../ports.ts'
import type { ChangedFile } from './changed-files.ts'

export interface ChangeQueueDeps {
  readonly clock: Clock
  /** The file as it stands now; null when it is gone. */
  readonly look: (path: FilePath) => Promise<ChangedFile | null>
  /** Checks one file. Throws when it could not be checked now; it is tried again. */
  readonly check: (path: FilePath) => Promise<void>
  /** The engine died over it again and again: it is left alone until it changes. */
  readonly onGivenUp: (path: FilePath) => void
  /** There is no such file any more. */
  readonly onGone: (path: FilePath) => void
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

/** How often the engine died while this version of a file was checked. */
interface Deaths {
  readonly version: string
  readonly times: number
  /** Of these, while nothing else was checked. */
  readonly alone: number
}

const quietMs = 200
const latestMs = 2000
const tickMs = 25
/** The engine was not there, or died: the file is tried again after this. */
const retryMs = 5000
const mostWaiting = 50_000
const mostAtOnce = 8
/**
 * The engine finds out by itself which object it dies of, and refuses it. This is for the case that it cannot write that
 * down: after so many deaths a file is checked alone, and after so many of these it is given up.
 */
const deathsToBeAlone = 3
const deathsToGiveUp = 2
/** Versions that were checked, so that a listing does not bring the same file again. */
const keptChecked = 100_000

export function createChangeQueue(deps: ChangeQueueDeps): ChangeQueue {
  return new FileQueue(deps)
}

class FileQueue implements ChangeQueue {
  readonly #deps: ChangeQueueDeps
  /** In the order in which they are due. */
  readonly #waiting = new Map<string, Waiting>()
  /** The same for those that could not be checked: they must not hold up the others. */
  readonly #again = new Map<string, Waiting>()
  readonly #checked = new Map<string, string>()
  readonly #deaths = new Map<string, Deaths>()
  #active = 0
  #isAlone = false
  /** Counts how often everything was forgotten. */
  #era = 0
  #timer: Timer | null = null

  constructor(deps: ChangeQueueDeps) {
    this.#deps = deps
  }

  get length(): number {
    return this.#waiting.size + this.#again.size + this.#active
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
    this.#again.delete(key)
    this.#waiting.set(key, { path, since: now, due: now + quietMs })
    this.#wake()
    return true
  }

  clear(): void {
    this.#era += 1
    this.#waiting.clear()
    this.#again.clear()
    this.#deaths.clear()
    this.#timer?.cancel()
    this.#timer = null
  }

  #wake(): void {
    if (this.#timer === null && this.#waiting.size + this.#again.size > 0)
      this.#timer = this.#deps.clock.after(tickMs, () => this.#tick())
  }

  #tick(): void {
    this.#timer = null
    const now = this.#deps.clock.monotonicMs()
    for (const [key, file] of this.#again) {
      if (file.due > now) break
      this.#again.delete(key)
      this.#waiting.set(key, file)
    }
    this.#fill()
    this.#wake()
  }

  /** Begins as many of the files that are due as may be under way. */
  #fill(): void {
    const now = this.#deps.clock.monotonicMs()
    for (const [key, file] of this.#waiting) {
      const isSuspect = (this.#deaths.get(key)?.times ?? 0) >= deathsToBeAlone
      const most = this.#isAlone ? 0 : isSuspect ? 1 : mostAtOnce
      if (this.#active >= most || file.due > now) return
      this.#waiting.delete(key)
      this.#active += 1
      this.#isAlone = isSuspect
      void this.#work(key, file).finally(() => {
        this.#active -= 1
        this.#isAlone = false
        // The next one that is due need not wait for the clock.
        this.#fill()
      })
    }
  }

  async #work(key: string, file: Waiting): Promise<void> {
    const era = this.#era
    const current = await this.#deps.look(file.path)
    if (current === null) {
      this.#deaths.delete(key)
      this.#deps.onGone(file.path)
    }
    if (current === null || this.#checked.get(key) === current.version) return
    try {
      await this.#deps.check(file.path)
    } catch (error) {
      const isDeath = codeOf(error) === 'peer-gone'
      if (!isDeath || !this.#isGivenUp(key, current.version)) return this.#tryAgain(key, file, era)
      this.#deps.onGivenUp(file.path)
    }
    this.#deaths.delete(key)
    this.#checked.delete(key)
    this.#checked.set(key, current.version)
    const oldest = this.#checked.size > keptChecked ? this.#checked.keys().next() : null
    if (oldest?.value !== undefined) this.#checked.delete(oldest.value)
  }

  #tryAgain(key: string, { path }: Waiting, era: number): void {
    if (era !== this.#era || this.#waiting.has(key)) return
    const now = this.#deps.clock.monotonicMs()
    this.#again.set(key, { path, since: now, due: now + retryMs })
    this.#wake()
  }

  /** Counts a death. */
  #isGivenUp(key: string, version: string): boolean {
    const known = this.#deaths.get(key)
    const before = known?.version === version ? known : { times: 0, alone: 0 }
    const alone = before.alone + (this.#isAlone ? 1 : 0)
    this.#deaths.set(key, { version, times: before.times + 1, alone })
    return alone >= deathsToGiveUp
  }
}

function keyOf({ text, bytes }: FilePath): string {
  return bytes ?? text
}
