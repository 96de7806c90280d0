// Pause, stop and the ceiling in the middle of one large file, in a real engine whose scanner reads in pieces.
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { eicarBytes } from '#shared/testing/samples.ts'
import { buildFaultyHost } from './testing/built.ts'
import { cpuMs, type EngineRig, type ScanRecord, startRig } from './testing/engine-rig.ts'

let hostFile: string
let root: string
let rig: EngineRig

beforeAll(async () => {
  hostFile = await buildFaultyHost()
})
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'engine-pause-'))
  mkdirSync(path.join(root, 'tree'))
  writeFileSync(path.join(root, 'tree', 'large'), eicarBytes())
  rig = startRig(hostFile)
})
afterEach(async () => {
  await rig.dispose()
  rmSync(root, { recursive: true, force: true })
})

/** Pieces of the large file that were read so far. */
const pieces = () => (existsSync(path.join(root, 'pieces')) ? statSync(path.join(root, 'pieces')).size : 0)
const control = ({ scanId }: ScanRecord, action: 'pause' | 'resume' | 'stop') =>
  rig.link.client.call('scan.control', { scanId, action })

/** Ms until nothing more was read. */
async function untilQuiet(): Promise<number> {
  const started = performance.now()
  let last = started
  for (let before = pieces(); performance.now() - last < 200; ) {
    await wait(5)
    const now = pieces()
    if (now !== before) last = performance.now()
    before = now
  }
  return last - started
}

it('a pause acts within 200 ms in the middle of a file, 19 times of 20', async () => {
  const record = await rig.scan([path.join(root, 'tree')])
  const took: number[] = []
  for (let turn = 0; turn < 20; turn++) {
    const before = pieces()
    await expect.poll(pieces, { timeout: 10_000 }).toBeGreaterThan(before + (turn % 5))
    await control(record, 'pause')
    took.push(await untilQuiet())
    await control(record, 'resume')
  }
  expect(took.sort((a, b) => a - b)[18]).toBeLessThan(200)
  await control(record, 'stop')
  expect(await record.finished).toMatchObject({ outcome: 'stopped', counters: { files: 0 } })
}, 60_000)

it('a file that was left in its middle is read whole after that, and counts once', async () => {
  const record = await rig.scan([path.join(root, 'tree')])
  await expect.poll(pieces, { timeout: 10_000 }).toBeGreaterThan(20)
  await control(record, 'pause')
  await untilQuiet()
  const before = pieces()
  await control(record, 'resume')
  const { counters } = await record.finished
  expect(pieces() - before).toBe(500)
  expect(counters).toMatchObject({ files: 1, found: 1, objects: 1 })
}, 60_000)

it('keeps under its ceiling in the middle of a file, and answers single objects there', async () => {
  writeFileSync(path.join(root, 'object'), eicarBytes())
  const record = await rig.scan([path.join(root, 'tree')], { loadCeilingPercent: 20 })
  await expect.poll(pieces, { timeout: 10_000 }).toBeGreaterThan(5)
  await wait(1000)
  const before = { cpu: cpuMs(rig), at: Date.now() }
  const took: number[] = []
  while (Date.now() - before.at < 3000) {
    const asked = performance.now()
    await rig.link.client.call('object.scan', { path: { text: path.join(root, 'object') } })
    took.push(performance.now() - asked)
    await wait(100)
  }
  const share = (cpuMs(rig) - before.cpu) / (Date.now() - before.at) / availableParallelism()
  expect(share).toBeLessThan(0.3)
  expect(took.sort((a, b) => a - b)[Math.floor(took.length * 0.9)]).toBeLessThan(300)
  await control(record, 'stop')
  await record.finished
}, 60_000)
