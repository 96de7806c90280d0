// Keeps a scan under its share of the machine: sets the workers' busy share and corrects it by the CPU time really used.
// Measures this process only; never lowers the share of single objects that protection asks for.
import { cpuUsage } from 'node:process'

const fullDuty = 1000
const leastDuty = 10
const correctEveryMs = 500

export interface LoadGovernor {
  /** Share of its time each worker may be busy, in thousandths. */
  duty(): number
  /** Call often while the scan runs. True when the share has changed. */
  correct(): boolean
}

/** `ceilingPercent` of the time of all `cores`; 100 = no ceiling. */
export function createLoadGovernor(ceilingPercent: number, cores: number, workers: number): LoadGovernor {
  let duty = Math.min(fullDuty, Math.round((ceilingPercent / 100) * (cores / workers) * fullDuty))
  let usedBefore = cpuUsage()
  let before = performance.now()
  return {
    duty: () => (ceilingPercent >= 100 ? fullDuty : Math.max(leastDuty, duty)),
    correct: () => {
      const elapsedMs = performance.now() - before
      if (ceilingPercent >= 100 || elapsedMs < correctEveryMs) return false
      const used = cpuUsage(usedBefore)
      const percent = (used.user + used.system) / 10 / elapsedMs / cores
      usedBefore = cpuUsage()
      before = performance.now()
      // Half-way steps: the next half second may be quite another kind of files.
      const wanted = percent < 0.1 ? 2 : Math.min(2, Math.max(0.3, ceilingPercent / percent))
      const corrected = Math.round(Math.min(fullDuty, Math.max(leastDuty, duty * ((1 + wanted) / 2))))
      const changed = corrected !== duty
      duty = corrected
      return changed
    },
  }
}
