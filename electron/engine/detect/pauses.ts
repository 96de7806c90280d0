// The pauses in the look at one file: what goes by in them is not the file's time.
// Remembers that the file was recalled, so that nobody in between can take that for damage of the file.
import type { PausePoint } from '../scans/pause-point.ts'
import type { Budget } from '../unpack/budget.ts'

export class Pauses {
  private readonly pausePoint: PausePoint
  private readonly budget: Budget
  private recall: unknown

  constructor(pausePoint: PausePoint | undefined, budget: Budget) {
    this.pausePoint = pausePoint ?? (() => 0)
    this.budget = budget
  }

  /** Lets the thread do something else. Throws FileRecalled when the file is to be left. */
  async rest(): Promise<void> {
    try {
      const passed = this.pausePoint()
      this.budget.forgive(typeof passed === 'number' ? passed : await passed)
    } catch (error) {
      this.recall = error
      throw error
    }
  }

  /** At the end of the file: throws FileRecalled when that was thrown on the way. */
  throwIfRecalled(): void {
    if (this.recall !== undefined) throw this.recall
  }
}
