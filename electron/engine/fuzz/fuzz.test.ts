import { describe, expect, it } from 'vitest'
import { runTarget } from './testing/fuzz-run.ts'
import { flooded, mutated } from './testing/mutate.ts'
import { createRandom } from './testing/random.ts'
import { placeText, readPlace, type Target } from './testing/target.ts'
import { allTargets } from './testing/targets.ts'

/** The same inputs every time. `npm run fuzz -- --seed N` tries others, for as long as one likes. */
const seed = 1
const targets = await allTargets()

/** Each failure with what runs this one input again: `npm run fuzz -- --replay PLACE`. */
async function failures(target: Target): Promise<string[]> {
  const probe = await target.open()
  try {
    const figures = await runTarget(target, probe, { seed, first: 0, count: target.count })
    expect(figures.mutants).toBe(target.count)
    return figures.failures.map(({ place, problem }) => `${placeText(place)}: ${problem}`)
  } finally {
    probe.close()
  }
}

const groups = {
  archives: 'an archive that was changed at random is scanned within its limits, and what cannot be opened is told',
  documents: 'a document that was changed at random is scanned within its limits, and what cannot be opened is told',
  mail: 'a mail or text that was changed at random is scanned within its limits, and what cannot be opened is told',
  programs: 'a program or script that was changed at random is scanned within its limits',
  decoders: 'no decoder throws or makes more than it may, whatever bytes it is given',
  databases: 'a changed database never throws, and never gives what is not in it',
  treatment: 'a changed object keeps what is good in it when it is cured, a changed copy in Quarantine is refused',
  records: 'a changed record of a scan or journal never throws, and gives only what fits its form',
}

describe.each(Object.entries(groups))('%s: %s', (group) => {
  it.each(targets.filter((target) => target.group === group).map((target) => [target.name, target] as const))(
    '%s',
    async (_, target) => expect(await failures(target)).toEqual([]),
    120_000,
  )
})

describe('the fuzzer itself', () => {
  it('has no target without a group or with the name of another', () => {
    expect(targets.filter(({ group }) => !(group in groups))).toEqual([])
    expect(new Set(targets.map(({ name }) => name)).size).toBe(targets.length)
  })

  it('makes the same input for the same place, and another one for every other', async () => {
    for (const target of targets.filter(({ name }) => /^(?:zip-stored|7z-plain|pdf-lzw|mail-box)$/.test(name))) {
      const [one, other] = [await target.open(), await target.open()]
      const made = [0, 1, 2, 49].map((index) => {
        const input = one.input(createRandom(target.name, seed, index), index)
        // Compared by hand: toEqual takes seconds for a megabyte.
        expect(other.input(createRandom(target.name, seed, index), index).equals(input)).toBe(true)
        return input.toString('latin1')
      })
      expect(new Set(made).size).toBe(made.length)
      one.close()
      other.close()
    }
  })

  it('changes a copy, never more than it may, and nearly always something', () => {
    const bytes = Buffer.from('some words to change '.repeat(20))
    const before = Buffer.from(bytes)
    let same = 0
    for (let index = 0; index < 500; index += 1) {
      const stock = { tokens: [Buffer.from('word')], others: [Buffer.from('other')], mostBytes: 1000 }
      const changed = (index % 5 === 0 ? flooded : mutated)(bytes, createRandom(index), stock)
      expect(changed.length).toBeLessThanOrEqual(1000)
      if (changed.equals(before)) same += 1
    }
    expect(bytes).toEqual(before)
    expect(same).toBeLessThan(50)
  })

  it('reads the place that a failure names', () => {
    const place = { target: 'zip-stored', seed: 12, index: 345 }
    expect(readPlace(placeText(place))).toEqual(place)
    expect(readPlace('zip-stored')).toBeNull()
  })

  it('finds a target that throws, takes long or grows, and says which input did it', async () => {
    const probe = { input: () => Buffer.alloc(1), close: () => {} }
    const broken: Target = { name: 'broken', group: 'x', count: 3, mostCpuMs: 50, open: async () => never() }
    const throwing = {
      ...probe,
      check: async (_: Buffer, __: unknown, index: number) => {
        if (index === 1) throw new Error('no')
        if (index === 2) spin(120)
      },
    }
    const { failures: found } = await runTarget(broken, throwing, { seed, first: 0, count: 3 })
    expect(found.map(({ place }) => placeText(place))).toEqual(['broken:1:1', 'broken:1:2'])
    expect(found[1]?.problem).toMatch(/^took \d+ ms/)
  })
})

function never(): never {
  throw new Error('not opened here')
}

function spin(ms: number): void {
  const started = process.cpuUsage()
  while (process.cpuUsage(started).user / 1000 < ms) Math.sqrt(ms)
}
