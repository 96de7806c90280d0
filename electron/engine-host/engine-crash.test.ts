// What a scan survives: files that end the engine, files that never end, and an engine that is killed from outside.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { eicarBytes } from '#shared/testing/samples.ts'
import { buildFaultyHost } from './testing/built.ts'
import { type EngineRig, startRig } from './testing/engine-rig.ts'

let hostFile: string
let root: string
let rig: EngineRig

beforeAll(async () => {
  hostFile = await buildFaultyHost()
})
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'engine-crash-'))
  rig = startRig(hostFile)
})
afterEach(async () => {
  await rig.dispose()
  rmSync(root, { recursive: true, force: true })
})
/** `slow` files keep the scan going for a while; every tenth holds a sample. */
function plant(count: number, more: Readonly<Record<string, Uint8Array>> = {}): void {
  mkdirSync(path.join(root, 'tree'), { recursive: true })
  for (let index = 0; index < count; index++) {
    writeFileSync(path.join(root, 'tree', `slow${index}`), index % 10 === 0 ? eicarBytes() : `text ${index}`)
  }
  for (const [name, bytes] of Object.entries(more)) writeFileSync(path.join(root, 'tree', name), bytes)
}

const names = (objects: readonly { path: { text: string } }[]) =>
  objects.map((each) => path.basename(each.path.text)).sort()

it('goes on after the engine was killed in mid-scan, and counts and tells every object once (35)', async () => {
  plant(200)
  const record = await rig.scan([path.join(root, 'tree')])
  for (const [crashes, reached] of [
    [1, 20],
    [2, 80],
  ] as const) {
    await expect
      .poll(() => record.progress.at(-1)?.progress.counters.files ?? 0, { timeout: 10_000 })
      .toBeGreaterThan(reached)
    process.kill(rig.launcher.pid() ?? 0, 'SIGKILL')
    await expect.poll(() => rig.states.filter((state) => state === 'restarting').length).toBe(crashes)
  }
  const { outcome, counters } = await record.finished
  expect(outcome).toBe('completed')
  expect(counters).toMatchObject({ files: 200, objects: 200, found: 20, notScanned: 0 })
  expect(names(record.detected)).toEqual(Array.from({ length: 20 }, (_value, index) => `slow${index * 10}`).sort())
  const shares = record.progress.flatMap(({ progress }) => progress.percent ?? [])
  expect(shares).toEqual([...shares].sort((a, b) => a - b))
  expect(rig.states).toEqual(['ready', 'restarting', 'ready', 'restarting', 'ready'])
})

it('tries the file that was in flight once more, alone (35)', async () => {
  plant(40, { 'kill-once': eicarBytes() })
  const record = await rig.scan([path.join(root, 'tree')], { exclude: [] })
  const { counters } = await record.finished
  expect(existsSync(path.join(root, 'kill-once.killed'))).toBe(true)
  expect(counters).toMatchObject({ found: 5, notScanned: 0 })
  expect(names(record.detected)).toContain('kill-once')
})

it('reports a file that ends the engine twice, and only that one (34)', async () => {
  plant(40, { 'kill-a': eicarBytes() })
  const record = await rig.scan([path.join(root, 'tree')])
  const { outcome, counters } = await record.finished
  expect(outcome).toBe('completed')
  expect(record.notScanned.map((each) => [path.basename(each.path.text), each.reason])).toEqual([
    ['kill-a', 'engine-crash'],
  ])
  expect(counters).toMatchObject({ files: 41, found: 4, notScanned: 1 })
  await expect.poll(() => readdirSync(path.join(rig.dataDir, 'scans'))).toEqual([])
}, 60_000)

it('ends the engine over a file that never ends, reports it, and scans the next one (34)', async () => {
  plant(20, { hang: eicarBytes(), 'zz-after': eicarBytes() })
  const record = await rig.scan([path.join(root, 'tree')])
  const { outcome, counters } = await record.finished
  expect(outcome).toBe('completed')
  expect(record.notScanned.map((each) => [path.basename(each.path.text), each.reason])).toEqual([
    ['hang', 'engine-timeout'],
  ])
  expect(names(record.detected)).toContain('zz-after')
  expect(counters).toMatchObject({ files: 22, found: 3, notScanned: 1 })
}, 60_000)

it('stays paused over a crash, and goes on when asked', async () => {
  plant(100)
  const record = await rig.scan([path.join(root, 'tree')])
  await expect.poll(() => record.progress.length).toBeGreaterThan(1)
  const control = (action: 'pause' | 'resume') =>
    rig.link.client.call('scan.control', { scanId: record.scanId, action })
  await control('pause')
  process.kill(rig.launcher.pid() ?? 0, 'SIGKILL')
  await expect.poll(() => rig.states.filter((state) => state === 'ready').length, { timeout: 10_000 }).toBe(2)
  await wait(300)
  const seen = record.progress.length
  await wait(400)
  expect(record.progress.length).toBe(seen)
  await control('resume')
  expect((await record.finished).counters).toMatchObject({ files: 100, found: 10 })
})

it('fails calls that were under way with peer-gone, and lets later ones wait for the new engine', async () => {
  mkdirSync(path.join(root, 'tree'))
  writeFileSync(path.join(root, 'tree', 'hang'), '')
  writeFileSync(path.join(root, 'tree', 'e'), eicarBytes())
  const ask = (name: string) => rig.link.client.call('object.scan', { path: { text: path.join(root, 'tree', name) } })
  await expect(ask('hang')).rejects.toMatchObject({ code: 'peer-gone' })
  await expect(ask('e')).resolves.toMatchObject({ kind: 'detected' })
})

it('ends with its parent side and leaves no process', async () => {
  await rig.link.client.call('engine.info', {})
  const pid = rig.launcher.pid() ?? 0
  await rig.link.stop()
  expect(() => process.kill(pid, 0)).toThrow()
  await expect(rig.link.client.call('engine.info', {})).rejects.toMatchObject({ code: 'engine-unavailable' })
})
