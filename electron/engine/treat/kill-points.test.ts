// A treatment in a process of its own that is killed for good (SIGKILL) after every change it makes to the file system, every
// journal line among them, and in the middle of every write. Whoever comes next finds everything, and ends as if nothing had been.
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import type { Change, KillPoint } from './testing/kill-points.ts'
import { actIn, type EndState, endStateOf, type KillScenario, killScenarios } from './testing/kill-scenarios.ts'
import { createLab, type Lab, reopenLab } from './testing/treatment-lab.ts'

const program = resolve('out/tests/treat/killed-treatment.mjs')
/** Children at once; each takes a tenth of a second. */
const atOnce = 2

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'testing/killed-treatment.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('#') && !id.startsWith('/'),
  })
  await bundle.write({ file: program, format: 'esm', codeSplitting: false })
})

const labs = new Set<Lab>()
afterEach(() => {
  for (const lab of labs) lab.remove()
  labs.clear()
})

interface Prepared {
  readonly lab: Lab
  readonly order: TreatmentOrder
  readonly before: EndState
}

async function prepared(scenario: KillScenario): Promise<Prepared> {
  const lab = createLab()
  labs.add(lab)
  const order = await scenario.prepare(lab)
  writeFileSync(join(lab.root, 'order.json'), JSON.stringify(order))
  const before = await endStateOf(lab)
  lab.treater.close()
  lab.vault.close()
  return { lab, order, before }
}

interface Ended {
  readonly signal: NodeJS.Signals | null
  readonly out: string
}

/** Treats in a child. Its changes when it lived; `signal` is SIGKILL when it died where it should. */
function treatInChild(root: string, scenario: KillScenario, { at, half }: KillPoint): Promise<Ended> {
  return new Promise((done, failed) => {
    const args = [program, root, scenario.name, `${at}`, half ? 'half' : 'whole']
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (data) => {
      out += String(data)
    })
    child.once('error', failed)
    child.once('close', (code, signal) => {
      if (signal === null && code !== 0) failed(new Error(`the treatment ended with ${code}`))
      else done({ signal, out })
    })
  })
}

/** What the next start finds and ends with. */
async function next(scenario: KillScenario, { lab, order }: Prepared): Promise<{ status: string; state: EndState }> {
  const again = reopenLab(lab.root, scenario.options?.(lab.root) ?? {})
  labs.add(again)
  await again.treater.recover()
  await again.treater.replayPending()
  const status = await actIn(scenario, again, order)
  const second = await again.treater.recover()
  expect(second).toEqual([])
  const state = await endStateOf(again)
  scenario.after?.(lab.root)
  again.remove()
  labs.delete(again)
  labs.delete(lab)
  return { status, state }
}

/** States of two runs are compared by names: each run has contents of its own. */
function shapeOf(state: EndState, { before }: Prepared, { mayCopyTwice }: KillScenario): unknown {
  const known = Object.values(before.files)
  const named = (hash: string): string => (known.includes(hash) ? 'as before' : 'other')
  return {
    files: Object.entries(state.files).map(([path, hash]) => [path, named(hash)]),
    copies: (mayCopyTwice ? [...new Set(state.copies)] : state.copies).map(named).sort(),
    leftovers: state.leftovers,
  }
}

/** After every change; in the middle of every write, or of every third where others have that covered. */
function pointsOf(changes: readonly Change[], { halves = 1 }: KillScenario): KillPoint[] {
  let writes = 0
  return changes.flatMap(({ divisible }, index) => {
    const at = index + 1
    writes += divisible ? 1 : 0
    const isCut = divisible && writes % halves === 0
    return isCut
      ? [
          { at, half: false },
          { at, half: true },
        ]
      : [{ at, half: false }]
  })
}

async function inTurns<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items]
  const line = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await act(item)
  }
  await Promise.all(Array.from({ length: atOnce }, line))
}

describe.each(killScenarios.filter(({ isPossible }) => isPossible?.() ?? true))(
  'killed while it treats: $name',
  (scenario) => {
    it('ends the same after a kill at every change, whole or half: nothing lost, nothing twice, nothing left over', async () => {
      const whole = await prepared(scenario)
      const lived = await treatInChild(whole.lab.root, scenario, { at: 0, half: false })
      const changes: Change[] = JSON.parse(lived.out)
      const reference = await next(scenario, whole)
      expect(reference.status).toBe(scenario.status)
      expect(changes.length).toBeGreaterThan(3)
      const expected = shapeOf(reference.state, whole, scenario)
      await inTurns(pointsOf(changes, scenario), async (point) => {
        const run = await prepared(scenario)
        const { signal } = await treatInChild(run.lab.root, scenario, point)
        const place = `${point.half ? 'in' : 'after'} change ${point.at} (${changes[point.at - 1]?.call})`
        expect(signal, place).toBe('SIGKILL')
        const after = await next(scenario, run)
        expect(after.status, place).toBe(scenario.status)
        expect(shapeOf(after.state, run, scenario), place).toEqual(expected)
      })
    }, 600_000)
  },
)
