// Runs inputs of one target and keeps what they cost and which broke a rule.
// Owns the bounds on time and memory that hold for every target. Never prints.
import { createRandom } from './random.ts'
import { type Place, type Probe, placeText, type Target } from './target.ts'

export interface Failure {
  readonly place: Place
  readonly problem: string
  readonly input: Buffer
}

export interface Figures {
  mutants: number
  /** Processor time of all of them. */
  cpuMs: number
  slowestMs: number
  slowest: string
  /** Most that the memory of the process grew in one of them, at its peak. */
  mostGrowth: number
  readonly failures: Failure[]
}

export interface RunOptions {
  readonly seed: number
  readonly first: number
  readonly count: number
  /** Called before each input; the run ends when it says false. */
  readonly before?: (place: Place) => boolean
}

const MiB = 1024 * 1024
/** Above what all limits together allow for one content, with room for the garbage collector's own pace. */
const mostGrowthBytes = 400 * MiB
const keptFailures = 20

/** Runs `count` inputs of an opened target, from number `first` on. Throws for nothing that a target does. */
export async function runTarget(target: Target, probe: Probe, options: RunOptions): Promise<Figures> {
  const figures: Figures = { mutants: 0, cpuMs: 0, slowestMs: 0, slowest: '', mostGrowth: 0, failures: [] }
  for (let index = options.first; index < options.first + options.count; index += 1) {
    const place = { target: target.name, seed: options.seed, index }
    if (options.before?.(place) === false) break
    const failure = await runOne(target, probe, place, figures)
    if (failure !== null && figures.failures.length < keptFailures) figures.failures.push(failure)
  }
  return figures
}

async function runOne(target: Target, probe: Probe, place: Place, figures: Figures): Promise<Failure | null> {
  const random = createRandom(place.target, place.seed, place.index)
  const input = probe.input(random, place.index)
  const before = { rss: process.memoryUsage.rss(), peak: peakBytes() }
  const started = process.cpuUsage()
  let problem = ''
  try {
    await probe.check(input, random, place.index)
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : `threw ${String(error)}`
  }
  const { user, system } = process.cpuUsage(started)
  const ms = (user + system) / 1000
  const peak = peakBytes()
  const growth = peak > before.peak ? peak - before.rss : 0
  note(figures, { ms, growth, place })
  if (problem === '' && ms > target.mostCpuMs) problem = `took ${Math.round(ms)} ms of processor time`
  if (problem === '' && growth > mostGrowthBytes) problem = `memory grew by ${Math.round(growth / MiB)} MB`
  return problem === '' ? null : { place, problem, input }
}

function note(figures: Figures, { ms, growth, place }: { ms: number; growth: number; place: Place }): void {
  figures.mutants += 1
  figures.cpuMs += ms
  figures.mostGrowth = Math.max(figures.mostGrowth, growth)
  if (ms <= figures.slowestMs) return
  figures.slowestMs = ms
  figures.slowest = placeText(place)
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024
}
