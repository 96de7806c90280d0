// One scan thread with a scripted scanner: what goes first, what is handed over, and what may interrupt a file.
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { defaultScannerConfig } from '#shared/engine-protocol/engine-contract.ts'
import type { LoadedDatabases } from '../databases/databases.ts'
import type { FileScanResult } from '../scanner.ts'
import type { PausePoint } from './pause-point.ts'
import { runScanWorker } from './scan-worker.ts'
import { readSlot } from './slot.ts'
import { cell, controlCells, type FromWorker, reading, type ToWorker } from './worker-protocol.ts'

let dir: string
let port: MessagePort
let control: Int32Array
let told: FromWorker[]
/** What was scanned, and with which scanner. */
let log: string[]
let pausePoint: PausePoint
/** What the scanner does with a file. */
let look: (name: string) => Promise<void> | void
let scanners: number

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'scan-worker-'))
  const memory = new SharedArrayBuffer(controlCells * 4)
  control = new Int32Array(memory)
  Atomics.store(control, cell.duty, 1000)
  told = []
  log = []
  look = () => undefined
  scanners = 0
  const channel = new MessageChannel()
  port = channel.port1
  port.on('message', (message: FromWorker) => told.push(message))
  const setup = { index: 0, control: memory, objectSlotFile: objectSlot() }
  runScanWorker(channel.port2, setup, async (databases, _config, given) => {
    if (String(databases) === 'bad') throw new Error('unusable')
    pausePoint = given
    scanners += 1
    return {
      scanFile: async (file) => {
        await look(file.toString())
        log.push(`${String(databases)} ${file}`)
        return nothingIn(file)
      },
      scanBuffer: async (bytes, name) => {
        await look(`content ${bytes}`)
        return {
          sha256: '',
          findings: [],
          findingsComplete: true,
          coverage: { kind: 'full' },
          objects: 1,
          bytes: name.length,
        }
      },
      dispose: () => {
        scanners -= 1
      },
    }
  })
})
afterEach(() => {
  port.close()
  rmSync(dir, { recursive: true, force: true })
})

const slotFile = () => path.join(dir, 'slot')
const objectSlot = () => path.join(dir, 'object-slot')
const nothingIn = (file: Buffer): FileScanResult => {
  return {
    kind: 'nothing-found',
    coverage: { kind: 'full' },
    notScanned: [],
    objects: 1,
    bytes: file.length,
    excluded: 0,
  }
}
const send = (message: ToWorker) => port.postMessage(message)
const results = () => told.flatMap((each) => (each.t === 'results' ? [each] : []))
const ended = () => expect.poll(() => results().at(-1)?.ended, { interval: 5, timeout: 15_000 }).toBe(true)
const inSlot = (file: string) => (existsSync(file) ? (readSlot(file)?.path.toString() ?? null) : null)

function batch(...names: string[]): void {
  Atomics.store(control, cell.hold, 0)
  send({ t: 'batch', batch: { batchId: 1, paths: names.map((name) => Buffer.from(name)), slotFile: slotFile() } })
}

function load(name: string, loadId = 1, then: 'use' | 'drop' = 'use'): void {
  // The script's scanner takes a name for its databases.
  const databases = name as unknown as LoadedDatabases
  send({ t: 'prepare', loadId, generation: `generation ${name}`, databases, config: defaultScannerConfig })
  send({ t: then, loadId })
}

function busy(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

it('results tell what they were scanned with, also when that changes in the middle of a batch', async () => {
  load('one')
  look = (name) => {
    busy(6)
    if (name === 'b') load('two', 2)
  }
  batch('a', 'b', 'c', 'd')
  await ended()
  const generations = results().flatMap(({ generation, results: each }) => each.map(() => generation))
  expect(generations).toEqual(['generation one', 'generation one', 'generation two', 'generation two'])
  expect(log).toEqual(['one a', 'one b', 'two c', 'two d'])
  expect(scanners).toBe(1)
})

it('databases that another thread cannot use are dropped, and those in use stay', async () => {
  load('one')
  load('two', 2, 'drop')
  load('bad', 3, 'drop')
  batch('a')
  await ended()
  expect(log).toEqual(['one a'])
  expect(results()[0]?.generation).toBe('generation one')
  expect(scanners).toBe(1)
  expect(told.flatMap((each) => (each.t === 'prepared' ? [each.problem] : []))).toEqual([null, null, 'unusable'])
})

it('a file can be recalled in its middle; it comes back with the rest and is read from its beginning', async () => {
  load('one')
  let pieces = 0
  look = async (name) => {
    for (let piece = 0; name === 'large' && piece < 100; piece++) {
      pieces += 1
      busy(5)
      await pausePoint()
      if (pieces === 20) Atomics.store(control, cell.hold, 1)
    }
  }
  batch('small', 'large', 'after')
  await ended()
  expect(pieces).toBeLessThanOrEqual(21)
  expect(results().flatMap(({ results: each }) => each)).toHaveLength(1)
  expect([inSlot(slotFile()), Atomics.load(control, cell.sign)]).toEqual([null, 0])
  told = []
  batch('large', 'after')
  await ended()
  expect(log).toEqual(['one small', 'one large', 'one after'])
})

it('a single object is answered in the middle of a file, is never recalled, and has its own slot', async () => {
  load('one')
  const seen: unknown[] = []
  look = async (name) => {
    if (name === 'object') {
      Atomics.store(control, cell.hold, 1)
      seen.push(inSlot(slotFile()), inSlot(objectSlot()), Atomics.load(control, cell.reading), await pausePoint())
      Atomics.store(control, cell.hold, 0)
    }
    for (let piece = 0; name === 'large' && piece < 40; piece++) {
      busy(5)
      if (piece === 10) send({ t: 'object', requestId: 7, key: 'key', path: Buffer.from('object'), look: 'on-demand' })
      await pausePoint()
    }
  }
  batch('large')
  await ended()
  expect(log).toEqual(['one object', 'one large'])
  expect(seen).toEqual(['large', 'key', reading.object, 0])
  expect(told.map(({ t }) => t)).toEqual(['prepared', 'object', 'results'])
  expect([inSlot(objectSlot()), inSlot(slotFile())]).toEqual([null, null])
})

it('a look at an open descriptor is watched and noted like any other', async () => {
  load('one')
  const seen: unknown[] = []
  look = () => {
    seen.push(Atomics.load(control, cell.reading), Atomics.load(control, cell.sign) !== 0, inSlot(objectSlot()))
  }
  const file = path.join(dir, 'file')
  writeFileSync(file, 'text')
  const fd = openSync(file, 'r')
  send({ t: 'open', requestId: 7, key: 'open:1', fd })
  await expect.poll(() => told.some(({ t }) => t === 'open'), { interval: 5 }).toBe(true)
  closeSync(fd)
  expect(seen).toEqual([reading.object, true, 'open:1'])
  expect([Atomics.load(control, cell.sign), inSlot(objectSlot())]).toEqual([0, null])
})

it('between files the slot names nobody: what ends the process then is not blamed on a file', async () => {
  load('one')
  const seen: unknown[] = []
  look = (name) => {
    if (name === 'object') seen.push(inSlot(slotFile()))
    else busy(6)
    if (name === 'a') send({ t: 'object', requestId: 7, key: 'key', path: Buffer.from('object'), look: 'on-demand' })
  }
  batch('a', 'b')
  await ended()
  expect(log).toEqual(['one a', 'one object', 'one b'])
  expect(seen).toEqual([null])
})

it('under a ceiling it rests in the middle of a file, and that time is not the file\u2019s', async () => {
  load('one')
  await wait(20)
  Atomics.store(control, cell.duty, 250)
  let rested = 0
  look = async () => {
    for (let piece = 0; piece < 20; piece++) {
      busy(10)
      rested += await pausePoint()
    }
  }
  const started = performance.now()
  batch('large')
  await ended()
  const took = performance.now() - started
  expect(took).toBeGreaterThan(600)
  expect(rested / (took - rested)).toBeGreaterThan(1.5)
})

it('a single object is not slowed by the rest that a scan owes', async () => {
  load('one')
  await wait(20)
  Atomics.store(control, cell.duty, 20)
  look = (name) => {
    if (name !== 'object') busy(100)
  }
  batch('a', 'b')
  await wait(150)
  const started = performance.now()
  send({ t: 'object', requestId: 7, key: 'key', path: Buffer.from('object'), look: 'on-demand' })
  await expect.poll(() => told.some(({ t }) => t === 'object'), { interval: 5 }).toBe(true)
  expect(performance.now() - started).toBeLessThan(100)
  expect(log).toEqual(['one a', 'one object'])
  Atomics.store(control, cell.hold, 1)
  send({ t: 'wake' })
  await ended()
})
