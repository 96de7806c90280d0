// An update that fails or is killed at each of its steps: what was in use stays in use, and nothing of it is left behind.
import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { rolldown } from 'rolldown'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { loadNewest } from './newest-databases.ts'
import { FeedLab, inUse, left, signatures } from './testing/feed-lab.ts'
import { updateSteps } from './update.ts'
import { readState, updatesFolder } from './update-state.ts'

const seedDatabasesDir = resolve('resources/databases')
const program = resolve('out/tests/feed/interrupted-update.mjs')
vi.setConfig({ testTimeout: 60_000 })

let lab: FeedLab
let dataDir: string

beforeAll(async () => {
  const bundle = await rolldown({
    input: join(import.meta.dirname, 'testing/interrupted-update.ts'),
    platform: 'node',
    external: (id) => !id.startsWith('.') && !id.startsWith('#') && !id.startsWith('/'),
  })
  await bundle.write({ file: program, format: 'esm', codeSplitting: false })
})

beforeEach(async () => {
  lab = new FeedLab()
  await lab.publish({ 'main.hsb': signatures(0, 500) })
  dataDir = lab.computer()
  await lab.update(dataDir)
  await lab.publish({ 'main.hsb': signatures(0, 510), 'more.hsb': signatures(600, 610) })
})
afterEach(() => lab.dispose())

const start = () => loadNewest({ dataDir, seedDatabasesDir }, {})
const before = updateSteps.filter((step) => step !== 'committed')

describe('an update that fails (45)', () => {
  it.each(before)('after "%s" leaves the old generation, and nothing of itself (45)', async (step) => {
    const onStep = (done: string): void => {
      if (done === step) throw new Error('a fault')
    }
    await expect(lab.update(dataDir, { onStep })).rejects.toThrow('a fault')
    expect(readState(dataDir).current?.version).toBe(1)
    expect(left(dataDir)).toEqual(['generation-1', 'state.json'])
    expect((await start()).info).toMatchObject({ source: 'update', hashSignatures: 500, rejected: [] })
  })

  it('after "committed" is done', async () => {
    const onStep = (done: string): void => {
      if (done === 'committed') throw new Error('a fault')
    }
    await expect(lab.update(dataDir, { onStep })).rejects.toThrow('a fault')
    expect((await start()).info).toMatchObject({ source: 'update', hashSignatures: 520, rejected: [] })
  })
})

describe('an update that is killed (45)', () => {
  function killedAfter(step: string): void {
    const { signal } = spawnSync(process.execPath, [program, dataDir, lab.feed, lab.keysFolder(), step])
    expect(signal).toBe('SIGKILL')
  }

  it.each(before)('after "%s" leaves the old generation; the next start removes what it left (45)', async (step) => {
    killedAfter(step)
    expect((await start()).info).toMatchObject({ source: 'update', hashSignatures: 500, rejected: [] })
    // A folder that has its final name already goes with the next update.
    expect(left(dataDir)).toEqual(['generation-1', ...(step === 'named' ? ['generation-2'] : []), 'state.json'])
    await lab.update(dataDir)
    expect(left(dataDir)).toHaveLength(3)
    expect(Object.keys(inUse(dataDir) ?? {})).toEqual(['main.hsb', 'more.hsb'])
    expect((await start()).info).toMatchObject({ source: 'update', hashSignatures: 520, rejected: [] })
  })

  it('after "committed" is done', async () => {
    killedAfter('committed')
    expect((await start()).info).toMatchObject({ source: 'update', hashSignatures: 520, rejected: [] })
  })

  it('what another process is about to install is left alone', async () => {
    const busy = join(updatesFolder(dataDir), `staging-${process.ppid}-x`)
    mkdirSync(busy)
    await start()
    expect(left(dataDir)).toContain(`staging-${process.ppid}-x`)
  })
})

describe('what is loaded', () => {
  it('is the version before when the newest is damaged, then the databases of the product; each is named (45)', async () => {
    await lab.update(dataDir)
    const newest = await start()
    expect(newest.info).toMatchObject({ source: 'update', releasedAt: lab.manifest().builtAt })
    const [second, first] = ['generation-2', 'generation-1'].map((name) =>
      join(updatesFolder(dataDir), name, 'main.hsb'),
    )
    writeFileSync(second ?? '', signatures(0, 509))
    expect((await start()).info).toMatchObject({
      source: 'update',
      hashSignatures: 500,
      rejected: [{ file: 'generation-2', line: 0, problem: 'version 2 is not used: main.hsb is damaged' }],
    })
    rmSync(first ?? '')
    const { info } = await start()
    expect(info.source).toBe('seed')
    expect(info.rejected.map(({ problem }) => problem)).toEqual([
      'version 2 is not used: main.hsb is damaged',
      'version 1 is not used: files are missing',
    ])
  })

  it.each([
    [
      'a file that does not belong to it',
      (folder: string) => writeFileSync(join(folder, 'x.yar'), 'rule X { condition: true }'),
    ],
    ['another manifest', (folder: string) => writeFileSync(join(folder, 'feed'), 'x')],
    ['one byte that is another, of the same size and time', sameSizeAndTime],
  ])('never one with %s (45)', async (_, harm) => {
    harm(join(updatesFolder(dataDir), 'generation-1'))
    const { info } = await start()
    expect(info.source).toBe('seed')
    expect(info.rejected).toHaveLength(1)
  })

  it('says so when the record of what is installed cannot be read', async () => {
    writeFileSync(join(updatesFolder(dataDir), 'state.json'), '{')
    const { info } = await start()
    expect(info).toMatchObject({ source: 'seed', rejected: [{ problem: 'no update is used: storage-damaged' }] })
  })

  it('has what a person added besides it', async () => {
    const own = join(lab.dir, 'own')
    mkdirSync(own)
    writeFileSync(join(own, 'own.hsb'), signatures(9000, 9001))
    const { info } = await loadNewest({ dataDir, seedDatabasesDir }, { besides: [own] })
    expect(info).toMatchObject({ source: 'update', hashSignatures: 501 })
  })
})

function sameSizeAndTime(folder: string): void {
  const file = join(folder, 'main.hsb')
  writeFileSync(file, signatures(0, 500).replace('Sample.7:', 'Sample.8:').replace('Sample.9\n', 'Sample.X\n'))
  utimesSync(file, 1, 1)
}
