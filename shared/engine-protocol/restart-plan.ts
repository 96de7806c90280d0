// When a crashed engine is started again: at once, then with growing pauses, then once a minute. Pure but for its clock.
// Never gives up for good.

export interface RestartPlan {
  /** To be asked once after every crash. `givenUp`: too many in a minute, only the slow retries remain for now. */
  afterCrash(): { readonly delayMs: number; readonly givenUp: boolean }
}

/** Pause between starts once the quick ones are used up, in ms. */
export const slowRetryMs = 60_000
const minuteMs = 60_000
const pausesMs = [0, 1000, 5000, 30_000] as const
const crashesToGiveUp = 5

/** `now`: time in ms. A minute without a crash makes the next restart immediate again. */
export function createRestartPlan(now: () => number): RestartPlan {
  let crashes: number[] = []
  let inRow = 0
  let lastAt = Number.NEGATIVE_INFINITY
  return {
    afterCrash: () => {
      const at = now()
      inRow = at - lastAt > minuteMs ? 1 : inRow + 1
      lastAt = at
      crashes = [...crashes.filter((each) => at - each < minuteMs), at]
      if (crashes.length >= crashesToGiveUp || inRow > pausesMs.length) return { delayMs: slowRetryMs, givenUp: true }
      return { delayMs: pausesMs[inRow - 1] ?? minuteMs, givenUp: false }
    },
  }
}
