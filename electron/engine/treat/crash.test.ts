import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { TreatmentOrder } from '#shared/domain/treatment.ts'
import type { StepName } from './context.ts'
import { createLab, exists, infectedContent, type Lab } from './testing/treatment-lab.ts'
import { makeZip } from './testing/zip-fixture.ts'

const steps: readonly StepName[] = [
  'intent',
  'opened',
  'storing',
  'stored',
  'cure-planned',
  'cured-written',
  'cured-rescanned',
  'grab-planned',
  'grabbed',
  'verified',
  'cured-placed',
  'removing',
  'holders',
  'removed',
  'outcome',
]
const good = { name: 'good.txt', content: Buffer.from('good '.repeat(100)) }
const bad = (name: string) => ({ name, content: infectedContent(), stored: true })
const container = { format: 'zip', leaves: 3 }

interface Scenario {
  readonly name: string
  readonly content: () => Buffer
  readonly order: (lab: Lab, file: string) => Promise<TreatmentOrder>
  readonly status: string
  readonly steps: readonly StepName[]
}

const scenarios: readonly Scenario[] = [
  {
    name: 'delete',
    content: () => infectedContent(),
    order: (lab, file) => lab.order(file),
    status: 'deleted',
    steps: [
      'intent',
      'opened',
      'storing',
      'stored',
      'grab-planned',
      'grabbed',
      'verified',
      'removing',
      'holders',
      'removed',
      'outcome',
    ],
  },
  {
    name: 'disinfect',
    content: () => makeZip([good, bad('evil')]).bytes,
    order: (lab, file) => lab.order(file, { verb: 'disinfect', members: [['evil']], container }),
    status: 'disinfected',
    steps: steps,
  },
  {
    name: 'disinfect that still matches',
    content: () => makeZip([good, bad('evil'), bad('other')]).bytes,
    order: (lab, file) => lab.order(file, { verb: 'disinfect', members: [['evil']], container }),
    status: 'deleted',
    steps: steps.filter((step) => step !== 'cured-placed'),
  },
  {
    name: 'copy',
    content: () => infectedContent(),
    order: (lab, file) => lab.order(file, { verb: 'copy-to-quarantine' }),
    status: 'quarantined',
    steps: ['intent', 'opened', 'storing', 'stored', 'outcome'],
  },
]

const open: Lab[] = []
afterEach(() => {
  for (const lab of open.splice(0)) lab.remove()
})

function crashAt(step: StepName): (name: StepName) => void {
  return (name) => {
    if (name === step) throw new Error('power failure')
  }
}

/** Treats with a crash at a step; false when this treatment has no such step. */
async function crashed(lab: Lab, order: TreatmentOrder): Promise<boolean> {
  try {
    await lab.treater.treat(order)
    return false
  } catch {
    return true
  }
}

async function expectDone(
  lab: Lab,
  order: TreatmentOrder,
  expected: { scenario: Scenario; content: Buffer },
): Promise<void> {
  const { scenario, content } = expected
  const outcome = await lab.treater.treat(order)
  expect(outcome.status).toBe(scenario.status)
  const items = lab.vault.list()
  expect(items).toHaveLength(1)
  expect((await lab.copyOf(items[0]?.id ?? '')).equals(content)).toBe(true)
  const file = join(lab.files, 'object')
  expect(exists(file)).toBe(scenario.status !== 'deleted')
  if (scenario.status === 'quarantined') expect(readFileSync(file).equals(content)).toBe(true)
  if (scenario.status === 'disinfected') expect(readFileSync(file).includes('evil')).toBe(false)
  expect(readdirSync(lab.files).length).toBe(scenario.status === 'deleted' ? 0 : 1)
  const grab = join(lab.dataDir, 'grab')
  expect(exists(grab) ? readdirSync(grab) : []).toEqual([])
}

describe.each(scenarios)('a crash in the middle of: $name', (scenario) => {
  it.each(scenario.steps)(
    'after the step %s is recovered to the same end, nothing lost, nothing twice',
    async (step) => {
      const lab = createLab({ ports: { onStep: crashAt(step) } })
      open.push(lab)
      const content = scenario.content()
      const file = lab.write('object', content)
      const order = await scenario.order(lab, file)
      expect(await crashed(lab, order)).toBe(true)
      const after = lab.again({})
      open.push(after)
      const results = await after.treater.recover()
      if (step === 'outcome') expect(results).toEqual([])
      else expect(results).toMatchObject([{ detectionId: order.detectionId, outcome: { status: scenario.status } }])
      expect(await after.treater.recover()).toEqual([])
      await expectDone(after, order, { scenario, content })
    },
  )

  it('is tried at every step that this treatment has', async () => {
    const seen = new Set<StepName>()
    const lab = createLab({ ports: { onStep: (name) => void seen.add(name) } })
    open.push(lab)
    await lab.treater.treat(await scenario.order(lab, lab.write('object', scenario.content())))
    expect([...seen]).toEqual(scenario.steps)
  })

  it('and again at every step of the recovery loses nothing', async () => {
    for (const first of scenario.steps) {
      for (const second of scenario.steps) {
        const lab = createLab({ ports: { onStep: crashAt(first) } })
        const content = scenario.content()
        const file = lab.write('object', content)
        const order = await scenario.order(lab, file)
        await crashed(lab, order)
        const again = lab.again({ ports: { onStep: crashAt(second) } })
        await again.treater.recover().catch(() => [])
        const last = again.again({})
        await last.treater.recover()
        const kept = last.vault.list()
        const copies = await Promise.all(kept.map((item) => last.copyOf(item.id)))
        const intact = exists(file) && readFileSync(file).equals(content)
        expect(intact || copies.some((copy) => copy.equals(content)), `${first}, ${second}`).toBe(true)
        expect(kept.length, `${first}, ${second}`).toBeLessThanOrEqual(1)
        expect(
          readdirSync(last.files).filter((name) => name !== 'object'),
          `${first}, ${second}`,
        ).toEqual([])
        last.remove()
      }
    }
  }, 180_000)
})
