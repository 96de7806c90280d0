// What a scan's folder still knows after the process that wrote it is gone.
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ScanId } from '#shared/domain/ids.ts'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import { ActiveTime } from './active-time.ts'
import { type Checkpoint, openCheckpoint as open, removeOldCheckpoints } from './checkpoint.ts'
import { markTimeout, readSlot, SlotWriter } from './slot.ts'

let dataDir: string
const scanId = ScanId.parse(randomUUID())

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'checkpoint-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const openCheckpoint = (resume: boolean, generation = 'databases 1') => open(dataDir, scanId, { resume, generation })
const counts = { files: 1, objects: 3, bytes: 5_000_000_000, found: 1, notScanned: 2, excluded: 4 }
const gap: NotScannedObject = { path: { text: '/a' }, member: ['m\n'], reason: 'encrypted', partial: true }
const done = (checkpoint: Checkpoint, ...names: string[]) =>
  checkpoint.finish(names.map((name) => ({ path: Buffer.from(name), counts, detected: [], notScanned: [] })))
const told = (checkpoint: Checkpoint, name: string, report: NotScannedObject) =>
  checkpoint.finish([{ path: Buffer.from(name), counts, detected: [], notScanned: [report] }])
const inFlight = (checkpoint: Checkpoint, worker: number, name: string) => {
  const slot = new SlotWriter()
  slot.set(checkpoint.slotFile(worker), Buffer.from(name))
  slot.close()
}

it('knows which files are done, their numbers and what was reported', async () => {
  const first = openCheckpoint(false)
  told(first, '/a', gap)
  done(first, '/b')
  await first.save(0)
  const second = openCheckpoint(true)
  expect([
    second.isDone(Buffer.from('/a')),
    second.isDone(Buffer.from('/b')),
    second.isDone(Buffer.from('/c')),
  ]).toEqual([true, true, false])
  expect(second.counters).toEqual({ files: 2, objects: 6, bytes: 10_000_000_000, found: 2, notScanned: 4, excluded: 8 })
  expect(second.notScanned).toEqual([gap])
  expect(second.startedAt).toBe(first.startedAt)
  done(second, '/c')
  expect(openCheckpoint(true).counters.files).toBe(3)
})

it('drops a torn record and a torn line, and writes on behind them', async () => {
  const first = openCheckpoint(false)
  told(first, '/a', gap)
  await first.save(0)
  const folder = path.join(dataDir, 'scans', scanId)
  appendFileSync(path.join(folder, 'done.bin'), Buffer.alloc(17, 1))
  appendFileSync(path.join(folder, 'reports.jsonl'), '{"notScanned":{"pa')
  const second = openCheckpoint(true)
  const other = { ...gap, path: { text: '/b' } }
  told(second, '/b', other)
  await second.save(0)
  const third = openCheckpoint(true)
  expect(third.counters.files).toBe(2)
  expect(third.notScanned).toEqual([gap, other])
})

it('a file that something is told about is done only when that is on the disk', async () => {
  const first = openCheckpoint(false)
  told(first, '/a', gap)
  const second = openCheckpoint(true)
  expect([second.isDone(Buffer.from('/a')), second.notScanned]).toEqual([false, [gap]])
})

it('with other databases or settings nothing is done yet', async () => {
  const first = openCheckpoint(false)
  told(first, '/a', gap)
  done(first, '/b')
  await first.save(5000)
  const second = openCheckpoint(true, 'databases 2')
  expect([second.isDone(Buffer.from('/b')), second.notScanned, second.counters.files]).toEqual([false, [], 0])
  expect(second.activeMs).toBe(0)
})

it('knows how long the scan has worked, not how long ago it was begun', async () => {
  const first = openCheckpoint(false)
  await first.save(1234.5)
  expect(openCheckpoint(true).activeMs).toBe(1234.5)
  let now = 0
  const time = new ActiveTime(1000, () => now)
  time.pause()
  now = 100
  time.resume()
  now = 130
  expect(time.ms()).toBe(1030)
})

it('suspects a file in flight once, gives it up the second time, and forgets one that was done', () => {
  const first = openCheckpoint(false)
  inFlight(first, 0, '/slow')
  inFlight(first, 1, '/done')
  done(first, '/done')
  const second = openCheckpoint(true)
  expect(second.suspects.map((each) => each.path.toString())).toEqual(['/slow'])
  expect(second.given).toEqual([])
  inFlight(second, 0, '/slow')
  markTimeout(second.slotFile(0))
  const third = openCheckpoint(true)
  expect(third.suspects).toEqual([])
  expect(third.given.map((each) => [each.path.toString(), each.cause])).toEqual([['/slow', 'engine-timeout']])
})

it('starts from nothing when it is not resumed or cannot be read', () => {
  done(openCheckpoint(false), '/a')
  expect(openCheckpoint(false).counters.files).toBe(0)
  writeFileSync(path.join(dataDir, 'scans', scanId, 'head.json'), '{')
  expect(openCheckpoint(true).counters.files).toBe(0)
  const fresh = openCheckpoint(true)
  fresh.remove()
  expect(existsSync(path.join(dataDir, 'scans', scanId))).toBe(false)
})

it('removes what nobody resumed, and keeps what is young', () => {
  openCheckpoint(false)
  mkdirSync(path.join(dataDir, 'scans', 'broken'))
  removeOldCheckpoints(dataDir, 60_000)
  expect(existsSync(path.join(dataDir, 'scans', 'broken'))).toBe(false)
  expect(existsSync(path.join(dataDir, 'scans', scanId))).toBe(true)
  removeOldCheckpoints(dataDir, -1)
  expect(existsSync(path.join(dataDir, 'scans', scanId))).toBe(false)
})

it('keeps the slot of a shorter path apart from a longer one before it', () => {
  const file = path.join(dataDir, 'slot')
  const slot = new SlotWriter()
  slot.set(file, Buffer.from('/a/very/long/path'))
  slot.set(file, Buffer.from([0x2f, 0xff]))
  expect(readSlot(file)).toEqual({ path: Buffer.from([0x2f, 0xff]), cause: 'engine-crash' })
  slot.clear()
  expect(readSlot(file)).toBeNull()
  slot.close()
})
