// What a scan thread lets the engine see of itself: what it reads now, and that it is alive.
// Owns the worker's own cells; no clock is shared, so that none can be wrong.
import { cell, type Reading, reading } from './worker-protocol.ts'

export class WorkerSigns {
  readonly #control: Int32Array
  #reading: Reading = reading.nothing
  #sign = 0

  constructor(control: Int32Array) {
    this.#control = control
  }

  /** What is read now. */
  get reading(): Reading {
    return this.#reading
  }

  /** Says what is read from here on; gives back what was read until then, for `end`. */
  begin(what: Reading): Reading {
    const before = this.#reading
    this.#read(what)
    return before
  }

  /** It is read to its end. `before`: what `begin` gave; it goes on now. */
  end(before: Reading): void {
    this.#read(before)
  }

  /** Work goes on: the time of the watchdog begins anew. */
  alive(): void {
    this.#sign = (this.#sign + 1) | 0 || 1
    Atomics.store(this.#control, cell.sign, this.#reading === reading.nothing ? 0 : this.#sign)
  }

  /** Which path of the batch is read. */
  at(position: number): void {
    Atomics.store(this.#control, cell.position, position)
  }

  #read(what: Reading): void {
    this.#reading = what
    Atomics.store(this.#control, cell.reading, what)
    this.alive()
  }
}
