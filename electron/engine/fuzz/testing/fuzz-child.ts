// The process in which `npm run fuzz` runs its targets, in turns, until the time is over or one input was asked for.
// Notes each input in a file before it runs it, so that the parent knows what ended this process. Never judges a failure.
import { mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Failure, type Figures, runTarget } from './fuzz-run.ts'
import { type Place, type Probe, placeText, readPlace, type Target } from './target.ts'
import { allTargets, chosen } from './targets.ts'

/** What the parent gives, as JSON in the first argument. */
interface Orders {
  readonly seed: number
  readonly seconds: number
  readonly only: readonly string[]
  /** A single place, instead of everything else. */
  readonly replay: string
  /** Where the place and the inputs that failed are written to. */
  readonly folder: string
}

/** One turn of a target, as it is sent to the parent. */
interface Turn extends Omit<Figures, 'failures'> {
  readonly target: string
  readonly failures: readonly { readonly place: string; readonly problem: string; readonly file: string }[]
}

const turnMs = 300
const mostOfTurn = 200
const orders = JSON.parse(process.argv[2] ?? '{}') as Orders

mkdirSync(orders.folder, { recursive: true })
const placeFile = openSync(join(orders.folder, 'place'), 'w')
await main()
if (process.connected) process.disconnect()

async function main(): Promise<void> {
  const targets = await allTargets()
  if (orders.replay !== '') return replay(targets, readPlace(orders.replay))
  const endsAt = Date.now() + orders.seconds * 1000
  const wanted = chosen(targets, orders.only)
  if (wanted.length === 0) throw new Error(`no such target: ${orders.only.join(', ')}`)
  const probes = new Map<Target, Probe>()
  const next = new Map<Target, number>()
  for (let ran = 1; ran > 0 && Date.now() < endsAt; ) {
    ran = 0
    for (const target of wanted) {
      if (Date.now() >= endsAt) break
      const probe = probes.get(target) ?? (await target.open())
      probes.set(target, probe)
      const first = next.get(target) ?? 0
      const figures = await turn(target, probe, { first, endsAt })
      next.set(target, first + figures.mutants)
      ran += figures.mutants
      tell(target, figures)
    }
  }
  for (const probe of probes.values()) probe.close()
}

function turn(target: Target, probe: Probe, { first, endsAt }: { first: number; endsAt: number }): Promise<Figures> {
  const until = Math.min(endsAt, Date.now() + turnMs)
  const before = (place: Place): boolean => {
    note(place)
    return place.index === first || Date.now() < until
  }
  return runTarget(target, probe, { seed: orders.seed, first, count: mostOfTurn, before })
}

async function replay(targets: readonly Target[], place: Place | null): Promise<void> {
  const target = targets.find(({ name }) => name === place?.target)
  if (place === null || target === undefined) throw new Error(`no such place: ${orders.replay}`)
  const probe = await target.open()
  note(place)
  const figures = await runTarget(target, probe, { seed: place.seed, first: place.index, count: 1 })
  probe.close()
  tell(target, figures)
}

/** Always of the same length, so that nothing of a longer one is left. */
function note(place: Place): void {
  writeSync(placeFile, placeText(place).padEnd(100), 0)
}

function tell({ name }: Target, figures: Figures): void {
  const { failures, ...numbers } = figures
  const turnOf: Turn = { target: name, ...numbers, failures: failures.map(kept) }
  process.send?.(turnOf)
}

/** The input lies in a file too: not every target makes the same one again (keys and salts are new each time). */
function kept({ place, problem, input }: Failure): Turn['failures'][number] {
  const file = join(orders.folder, `${placeText(place).replaceAll(':', '-')}.bin`)
  writeFileSync(file, input)
  return { place: placeText(place), problem, file }
}
