// How long a scan thread has to stay idle so that its busy share is the one allowed. Only counts; whoever owns it rests.
// What is owed is paid in short pieces and survives the end of a batch, so that one long file is paid for as well.

const fullDuty = 1000
const leastDuty = 10
/** More is not owed: a scan that rests for minutes looks as if it hung. */
const mostOwedMs = 30_000

export class LoadShare {
  readonly #duty: () => number
  /** Busy time that nothing was rested for. */
  #unpaidMs = 0

  /** `duty`: the busy share in thousandths, asked anew each time. */
  constructor(duty: () => number) {
    this.#duty = duty
  }

  worked(ms: number): void {
    const rate = this.#idlePerBusy()
    this.#unpaidMs = rate === 0 ? 0 : Math.min(this.#unpaidMs + ms, mostOwedMs / rate)
  }

  rested(ms: number): void {
    const rate = this.#idlePerBusy()
    this.#unpaidMs = rate === 0 ? 0 : Math.max(0, this.#unpaidMs - ms / rate)
  }

  /** Idle time that is due now. */
  owedMs(): number {
    return this.#unpaidMs * this.#idlePerBusy()
  }

  #idlePerBusy(): number {
    const duty = Math.min(fullDuty, Math.max(leastDuty, this.#duty()))
    return (fullDuty - duty) / duty
  }
}
