// What a scan's folder still knows after the process that wrote it is gone.
import { randomUUID } from 'node:crypto'
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ScanId } from '#shared/domain/ids.ts'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import { type Checkpoint, openCheckpoint, removeOldCheckpoints } from './checkpoint.ts'
import { markTimeout, readSlot, SlotWriter } from './slot.ts'

let dataDir: string
const scanId = ScanId.parse(randomUUID())

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'checkpoint-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const counts = { files: 1, objects: 3, bytes: 5_000_000_000, found: 1, notScanned: 2 }
const gap: NotScannedObject = { path: { text: '/a' }, member: ['m\n'], reason: 'encrypted', partial: true }
const done = (checkpoint: Checkpoint, ...names: string[]) =>
  checkpoint.complete(names.map((name) => ({ path: Buffer.from(name), counts })))
const inFlight = (checkpoint: Checkpoint, worker: number, name: string) => {
  const slot = new SlotWriter()
  slot.set(checkpoint.slotFile(worker), Buffer.from(name))
  slot.close()
}

it('knows which files are done, their numbers and what was reported', () => {
  const first = openCheckpoint(dataDir, scanId, false)
  first.report([], [gap])
  done(first, '/a', '/b')
  const second = openCheckpoint(dataDir, scanId, true)
  expect([
    second.isDone(Buffer.from('/a')),
    second.isDone(Buffer.from('/b')),
    second.isDone(Buffer.from('/c')),
  ]).toEqual([true, true, false])
  expect(second.counters).toEqual({ files: 2, objects: 6, bytes: 10_000_000_000, found: 2, notScanned: 4 })
  expect(second.notScanned).toEqual([gap])
  expect(second.startedAt).toBe(first.startedAt)
  done(second, '/c')
  expect(openCheckpoint(dataDir, scanId, true).counters.files).toBe(3)
})

it('drops a torn record and a torn line, and writes on behind them', () => {
  const first = openCheckpoint(dataDir, scanId, false)
  first.report([], [gap])
  done(first, '/a')
  const folder = path.join(dataDir, 'scans', scanId)
  appendFileSync(path.join(folder, 'done.bin'), Buffer.alloc(17, 1))
  appendFileSync(path.join(folder, 'reports.jsonl'), '{"notScanned":{"pa')
  const second = openCheckpoint(dataDir, scanId, true)
  const other = { ...gap, path: { text: '/b' } }
  second.report([], [other])
  done(second, '/b')
  const third = openCheckpoint(dataDir, scanId, true)
  expect(third.counters.files).toBe(2)
  expect(third.notScanned).toEqual([gap, other])
})

it('suspects a file in flight once, gives it up the second time, and forgets one that was done', () => {
  const first = openCheckpoint(dataDir, scanId, false)
  inFlight(first, 0, '/slow')
  inFlight(first, 1, '/done')
  done(first, '/done')
  const second = openCheckpoint(dataDir, scanId, true)
  expect(second.suspects.map((each) => each.path.toString())).toEqual(['/slow'])
  expect(second.given).toEqual([])
  inFlight(second, 0, '/slow')
  markTimeout(second.slotFile(0))
  const third = openCheckpoint(dataDir, scanId, true)
  expect(third.suspects).toEqual([])
  expect(third.given.map((each) => [each.path.toString(), each.cause])).toEqual([['/slow', 'engine-timeout']])
})

it('starts from nothing when it is not resumed or cannot be read', () => {
  done(openCheckpoint(dataDir, scanId, false), '/a')
  expect(openCheckpoint(dataDir, scanId, false).counters.files).toBe(0)
  writeFileSync(path.join(dataDir, 'scans', scanId, 'head.json'), '{')
  expect(openCheckpoint(dataDir, scanId, true).counters.files).toBe(0)
  const fresh = openCheckpoint(dataDir, scanId, true)
  fresh.remove()
  expect(existsSync(path.join(dataDir, 'scans', scanId))).toBe(false)
})

it('removes what nobody resumed, and keeps what is young', () => {
  openCheckpoint(dataDir, scanId, false)
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
