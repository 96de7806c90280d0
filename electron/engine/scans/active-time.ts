// How long a scan has really worked: not while it is paused, nor while its process or the machine is off.
// Kept in a file of eight bytes that is written in place: a power cut costs seconds of it, never the scan.
import { closeSync, constants, openSync, readFileSync, writeSync } from 'node:fs'

export class ActiveTime {
  readonly #now: () => number
  #before: number
  #since: number | null

  /** `beforeMs`: of earlier processes. `now`: ms of a clock that never goes back. Begins at once. */
  constructor(beforeMs: number, now: () => number = () => performance.now()) {
    this.#now = now
    this.#before = beforeMs
    this.#since = now()
  }

  ms(): number {
    return this.#before + (this.#since === null ? 0 : this.#now() - this.#since)
  }

  pause(): void {
    this.#before = this.ms()
    this.#since = null
  }

  resume(): void {
    this.#since ??= this.#now()
  }
}

/** Where the time of a scan is kept while it runs. */
export class TimeFile {
  readonly #fd: number

  constructor(file: string) {
    this.#fd = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW, 0o600)
  }

  /** Best effort. */
  write(ms: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(ms)
    try {
      writeSync(this.#fd, bytes, 0, bytes.length, 0)
    } catch {
      return
    }
  }

  close(): void {
    closeSync(this.#fd)
  }
}

/** What such a file says; 0 when it says nothing that can be. */
export function readActiveMs(file: string): number {
  try {
    const bytes = readFileSync(file)
    const ms = bytes.length === 8 ? bytes.readDoubleLE() : 0
    return Number.isFinite(ms) && ms > 0 ? ms : 0
  } catch {
    return 0
  }
}
