// Keeps a scan under its share of the machine: sets the workers' busy share and corrects it by the CPU time really used.
// Measures this process only; never lowers the share of single objects that protection asks for.
import { cpuUsage } from 'node:process'

const fullDuty = 1000
const leastDuty = 10
const correctEveryMs = 500
/**
 * Looked at together. One large content keeps a thread busy for a second and is rested for afterwards: over less than both, the rest
 * would look like room for more.
 */
const samplesKept = 12
/** Of what a correction asks for: the same seconds are looked at several times. */
const step = 0.2

export interface LoadGovernor {
  /** Share of its time each worker may be busy, in thousandths. */
  duty(): number
  /** Call often while the scan runs. True when the share has changed. */
  correct(): boolean
}

/** What has been used so far, in ms. */
export interface LoadMeter {
  cpuMs(): number
  now(): number
}

const ofThisProcess: LoadMeter = {
  cpuMs: () => {
    const { user, system } = cpuUsage()
    return (user + system) / 1000
  },
  now: () => performance.now(),
}

/** `ceilingPercent` of the time of all `cores`; 100 = no ceiling. */
export function createLoadGovernor(
  ceilingPercent: number,
  cores: number,
  workers: number,
  meter: LoadMeter = ofThisProcess,
): LoadGovernor {
  let duty = Math.min(fullDuty, (ceilingPercent / 100) * (cores / workers) * fullDuty)
  const shown = () => Math.round(Math.max(leastDuty, duty))
  const samples = [{ at: meter.now(), cpuMs: meter.cpuMs() }]
  return {
    duty: () => (ceilingPercent >= 100 ? fullDuty : shown()),
    correct: () => {
      const at = meter.now()
      const [oldest = { at, cpuMs: 0 }] = samples
      if (ceilingPercent >= 100 || at - (samples.at(-1) ?? oldest).at < correctEveryMs) return false
      const cpuMs = meter.cpuMs()
      const percent = (100 * (cpuMs - oldest.cpuMs)) / (at - oldest.at) / cores
      samples.push({ at, cpuMs })
      if (samples.length > samplesKept) samples.shift()
      const wanted = percent < 0.1 ? 2 : Math.min(2, Math.max(0.3, ceilingPercent / percent))
      const before = shown()
      duty = Math.min(fullDuty, Math.max(leastDuty, duty * (1 + (wanted - 1) * step)))
      return shown() !== before
    },
  }
}
