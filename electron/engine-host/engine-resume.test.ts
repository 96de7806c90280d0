// G12 in a real engine: a scan that was cut by the end of the app goes on in the next one, from where it was.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { EngineConfig } from '#shared/engine-protocol/engine-contract.ts'
import { eicarBytes } from '#shared/testing/samples.ts'
import { buildFaultyHost } from './testing/built.ts'
import { type EngineRig, type ScanRecord, startRig } from './testing/engine-rig.ts'

const files = 200
const gaps = 5
let hostFile: string
let root: string
let rigs: EngineRig[]

beforeAll(async () => {
  hostFile = await buildFaultyHost()
})
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'engine-resume-'))
  rigs = []
  mkdirSync(path.join(root, 'tree'))
  for (let index = 0; index < files; index++) {
    writeFileSync(path.join(root, 'tree', `slow${index}`), index % 10 === 0 ? eicarBytes() : `text ${index}`)
  }
  // What cannot be looked at is to be told again as well.
  for (let index = 0; index < gaps; index++) {
    writeFileSync(
      path.join(root, 'tree', `slow-gap${index}`),
      Buffer.concat([Buffer.from('377abcaf271c', 'hex'), Buffer.alloc(60)]),
    )
  }
})
afterEach(async () => {
  for (const rig of rigs) await rig.dispose()
  rmSync(root, { recursive: true, force: true })
})

function started(config: Partial<EngineConfig> = {}): EngineRig {
  const rig = startRig(hostFile, { dataDir: path.join(root, 'data'), ...config })
  rigs.push(rig)
  return rig
}

const done = (record: ScanRecord) => record.progress.at(-1)?.progress.counters.files ?? 0
const names = (objects: readonly { path: { text: string } }[]) =>
  objects.map(({ path: { text } }) => path.basename(text)).sort()

/** A scan whose app ends when it is well under way and for the last second nothing came that is not on the disk. */
async function cutScan(): Promise<{ record: ScanRecord; atLeast: number }> {
  const rig = started()
  const record = await rig.scan([path.join(root, 'tree')])
  await expect.poll(() => done(record), { timeout: 10_000 }).toBeGreaterThan(60)
  await rig.link.client.call('scan.control', { scanId: record.scanId, action: 'pause' })
  await wait(1500)
  await rig.link.stop()
  return { record, atLeast: done(record) }
}

it('goes on after the app was started again: nothing is read twice, everything is told', async () => {
  const { record: cut, atLeast } = await cutScan()
  const rig = started()
  const record = await rig.scan([path.join(root, 'tree')], {}, { scanId: cut.scanId, resume: true })
  const { counters, durationMs } = await record.finished
  expect(counters).toMatchObject({ files: files + gaps, found: 20, notScanned: gaps })
  expect(record.progress[0]?.progress.counters.files).toBeGreaterThanOrEqual(atLeast)
  expect(new Set(names(record.detected)).size).toBe(20)
  expect(new Set(names(record.notScanned)).size).toBe(gaps)
  // Each file takes 20 ms on one of two threads; the pause and the time without an app do not count.
  expect(durationMs).toBeGreaterThan(1500)
  const active = Math.max(...cut.progress.map(({ at }) => at)) - Math.min(...cut.progress.map(({ at }) => at))
  const again = Math.max(...record.progress.map(({ at }) => at)) - Math.min(...record.progress.map(({ at }) => at))
  expect(durationMs).toBeLessThan(active + again + 1500)
}, 60_000)

it('starts over when the databases are others by then', async () => {
  const { record: cut } = await cutScan()
  const databasesDir = path.join(root, 'databases')
  mkdirSync(databasesDir)
  writeFileSync(path.join(databasesDir, 'own.yar'), 'rule Text { strings: $a = "text" condition: $a }')
  const rig = started({ databasesDir })
  const record = await rig.scan([path.join(root, 'tree')], {}, { scanId: cut.scanId, resume: true })
  expect((await record.finished).counters).toMatchObject({ files: files + gaps, found: files })
}, 60_000)
