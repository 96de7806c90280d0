// Work that repeats in the background. A job never overlaps itself, its failure is logged and the next run still comes;
// stopping waits for the run that is under way. Owns no job.
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'

export interface Job {
  readonly name: string
  readonly everyMs: number
  run(): Promise<void>
}

export interface RunningJobs {
  stop(): Promise<void>
}

/** Starts jobs; each first runs after its own interval. */
export function startJobs(clock: Clock, log: Log, jobs: readonly Job[]): RunningJobs {
  const stops = jobs.map((job) => startJob(clock, log, job))
  return {
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

function startJob(clock: Clock, log: Log, job: Job): () => Promise<void> {
  let stopped = false
  let current: Promise<void> = Promise.resolve()
  let cancel = clock.after(job.everyMs, tick)
  function tick(): void {
    current = job
      .run()
      .catch((error: unknown) => log.error({ job: job.name, err: error }, 'background job failed'))
      .then(() => {
        if (!stopped) cancel = clock.after(job.everyMs, tick)
      })
  }
  return async () => {
    stopped = true
    cancel()
    await current
  }
}
