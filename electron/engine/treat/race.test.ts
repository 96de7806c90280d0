// Names that are swapped for links or other files, thousands of times, while what they named is treated, cured or restored.
// Whatever is met: nothing behind a link is touched, nothing is lost, and what is clean stays.
import { linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import { ProductError } from '#shared/errors.ts'
import { createQuarantine } from '../quarantine/quarantine.ts'
import { linkInBetween, type SwapStep, startSwapper } from './testing/swapper.ts'
import { createLab, infectedContent, type Lab, rescanForMarker } from './testing/treatment-lab.ts'
import { makeZip } from './testing/zip-fixture.ts'

/** However slow the machine is, each race ends. */
const raceMs = 6_000
const mostTries = 30
const objects = 150
const namesAtOnce = 20
/** An opponent that swapped a name less often was none. A round swaps all names that it has. */
const fewestSwaps = 1_000

const labs: Lab[] = []
afterEach(() => {
  for (const lab of labs.splice(0)) lab.remove()
})

function newLab(): { lab: Lab; dir: string; victims: string } {
  const lab = createLab()
  labs.push(lab)
  const [dir, victims] = [join(lab.files, 'dir'), join(lab.files, 'victims')]
  mkdirSync(dir)
  mkdirSync(victims)
  return { lab, dir, victims }
}

/** Acts again and again while names are swapped; the kinds of results, and the rounds of the opponent. */
async function race(
  steps: readonly SwapStep[],
  tasks: readonly (() => Promise<string>)[],
  isDone: (result: string) => boolean,
): Promise<{ rounds: number; seen: Map<string, number> }> {
  const swapper = await startSwapper(steps)
  const seen = new Map<string, number>()
  const until = Date.now() + raceMs
  try {
    for (const task of tasks) {
      for (let tries = 0; tries < mostTries && Date.now() < until; tries += 1) {
        const result = await task()
        seen.set(result, (seen.get(result) ?? 0) + 1)
        if (isDone(result)) break
      }
    }
  } catch (error) {
    await swapper.stop()
    throw error
  }
  return { rounds: await swapper.stop(), seen }
}

const treating = (lab: Lab, order: TreatmentOrder) => async (): Promise<string> =>
  (await lab.treater.treat(order)).status
const isRemoved = (status: string): boolean => status === 'deleted' || status === 'disinfected'
const harmless = ['deleted', 'disinfected', 'changed', 'gone', 'failed', 'kept']

function contentsOf(folder: string): Buffer[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(folder, entry.name)))
}

describe('a treatment while names are swapped', () => {
  it('never goes through a folder that is a link in between (52)', async () => {
    const { lab, dir, victims } = newLab()
    const content = infectedContent(200)
    const orders: TreatmentOrder[] = []
    for (let at = 0; at < objects; at += 1) {
      const name = `evil-${at}`
      writeFileSync(join(dir, name), content)
      // The very same file: its identity does not tell the two names apart, only the walk does.
      linkSync(join(dir, name), join(victims, name))
      orders.push(await lab.order(join(dir, name)))
    }
    const { rounds, seen } = await race(
      linkInBetween(dir, join(lab.files, 'real'), victims),
      orders.map((order) => treating(lab, order)),
      isRemoved,
    )
    expect(rounds).toBeGreaterThanOrEqual(fewestSwaps)
    expect(contentsOf(victims).filter((bytes) => bytes.equals(content))).toHaveLength(objects)
    expect([...seen.keys()].filter((status) => !harmless.includes(status))).toEqual([])
    expect(seen.get('deleted')).toBeGreaterThan(0)
  }, 60_000)

  it('never removes what a name links to in between (54)', async () => {
    const { lab, dir, victims } = newLab()
    const content = infectedContent(200)
    const orders: TreatmentOrder[] = []
    const steps: SwapStep[] = []
    for (let at = 0; at < namesAtOnce; at += 1) {
      const [file, victim] = [join(dir, `evil-${at}`), join(victims, `${at}`)]
      writeFileSync(file, content)
      writeFileSync(victim, content)
      orders.push(await lab.order(file))
      steps.push(...linkInBetween(file, join(dir, `aside-${at}`), victim))
    }
    const { rounds, seen } = await race(
      steps,
      orders.map((order) => treating(lab, order)),
      isRemoved,
    )
    expect(rounds * namesAtOnce).toBeGreaterThanOrEqual(fewestSwaps)
    expect(contentsOf(victims).filter((bytes) => bytes.equals(content))).toHaveLength(namesAtOnce)
    expect([...seen.keys()].filter((status) => !harmless.includes(status))).toEqual([])
    expect(seen.get('deleted')).toBeGreaterThan(0)
    // Removed with a copy, or still there under one of its names.
    const left = contentsOf(dir).filter((bytes) => bytes.equals(content)).length
    expect(lab.vault.list().length + left).toBe(namesAtOnce)
  }, 60_000)

  it('puts back a clean file that was swapped in for the detected one (53)', async () => {
    const { lab, dir } = newLab()
    const clean = (at: number) => Buffer.from(`a letter that nobody else has, number ${at}`)
    const evil = infectedContent(200)
    const orders: TreatmentOrder[] = []
    const steps: SwapStep[] = []
    for (let at = 0; at < namesAtOnce; at += 1) {
      const [file, other, aside] = [join(dir, `name-${at}`), join(dir, `other-${at}`), join(dir, `aside-${at}`)]
      writeFileSync(file, evil)
      writeFileSync(other, clean(at))
      orders.push(await lab.order(file))
      steps.push(
        { do: 'move', from: file, to: aside },
        { do: 'move', from: other, to: file },
        { do: 'move', from: aside, to: other },
      )
    }
    const { rounds, seen } = await race(
      steps,
      orders.map((order) => treating(lab, order)),
      isRemoved,
    )
    expect(rounds * namesAtOnce).toBeGreaterThanOrEqual(fewestSwaps)
    expect([...seen.keys()].filter((status) => !harmless.includes(status))).toEqual([])
    const there = contentsOf(dir)
    for (let at = 0; at < namesAtOnce; at += 1) expect(there.some((bytes) => bytes.equals(clean(at)))).toBe(true)
    const evils = there.filter((bytes) => bytes.equals(evil)).length
    expect(lab.vault.list().length + evils).toBeGreaterThanOrEqual(namesAtOnce)
  }, 60_000)

  it('writes a cured file only where the infected one was', async () => {
    const { lab, dir, victims } = newLab()
    const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
    const orders: TreatmentOrder[] = []
    for (let at = 0; at < objects; at += 1) {
      const zip = makeZip([good, { name: 'evil', content: infectedContent(300), stored: true }]).bytes
      writeFileSync(join(dir, `archive-${at}`), zip)
      writeFileSync(join(victims, `archive-${at}`), zip)
      orders.push(
        await lab.order(join(dir, `archive-${at}`), {
          verb: 'disinfect',
          members: [['evil']],
          container: { format: 'zip', leaves: 2 },
        }),
      )
    }
    const before = contentsOf(victims)
    const { rounds, seen } = await race(
      linkInBetween(dir, join(lab.files, 'real'), victims),
      orders.map((order) => treating(lab, order)),
      isRemoved,
    )
    expect(rounds).toBeGreaterThanOrEqual(fewestSwaps)
    expect(readdirSync(victims)).toHaveLength(objects)
    expect(contentsOf(victims).every((bytes, at) => bytes.equals(before[at] ?? Buffer.alloc(0)))).toBe(true)
    expect(seen.get('disinfected')).toBeGreaterThan(0)
    // Cured or not, every archive is there once.
    expect(readdirSync(dir).filter((name) => name.startsWith('archive-'))).toHaveLength(objects)
  }, 60_000)
})

describe('a restore while names are swapped', () => {
  it('never writes through a folder that is a link in between', async () => {
    const { lab, dir, victims } = newLab()
    const content = infectedContent(200)
    for (let at = 0; at < objects; at += 1) {
      writeFileSync(join(dir, `evil-${at}`), Buffer.concat([Buffer.from(`${at} `), content]))
      await lab.treater.treat(await lab.order(join(dir, `evil-${at}`)))
    }
    const { dataDir, vault } = lab
    const quarantine = createQuarantine({ dataDir, vault, rescan: rescanForMarker, now: () => new Date() })
    const restoring = (id: string) => async (): Promise<string> => {
      const item = lab.vault.list().find((one) => one.id === id)
      if (item === undefined) return 'not-found'
      try {
        await quarantine.restore({ id: item.id, target: null, evenIfDetected: true, makeFolder: false })
        return 'restored'
      } catch (error) {
        if (error instanceof ProductError) return error.code
        throw error
      }
    }
    const { rounds, seen } = await race(
      linkInBetween(dir, join(lab.files, 'real'), victims),
      lab.vault.list().map(({ id }) => restoring(id)),
      (result) => result === 'restored',
    )
    quarantine.close()
    expect(rounds).toBeGreaterThanOrEqual(fewestSwaps)
    expect(readdirSync(victims)).toEqual([])
    expect(seen.get('restored')).toBe(readdirSync(dir).length)
    expect(seen.get('restored')).toBeGreaterThan(0)
  }, 60_000)
})
