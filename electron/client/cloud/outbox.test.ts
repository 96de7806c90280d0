// The outbox against a portal that knows less, as much, or more than it.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { OutboxBody } from '#shared/cloud-protocol/device-contract.ts'
import type { CommandId } from '#shared/domain/ids.ts'
import { createStorage } from '../storage/storage.ts'
import { manualClock, quietLog, stoppingDisk } from '../testing/memory-ports.ts'
import { createOutbox } from './outbox.ts'

let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'outbox-test-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

async function open(disk = stoppingDisk({ on: true })) {
  const clock = manualClock()
  const outbox = createOutbox({ storage: createStorage({ dataDir, disk, clock, log: quietLog }), clock })
  await outbox.load()
  return outbox
}
/** A fact of its own for every name. */
const fact = (name: string): OutboxBody => ({
  kind: 'detection-removed',
  detectionId: `b8c6c5f0-91a0-4f5e-8f65-${Buffer.from(name.padStart(6)).toString('hex')}`,
})
const id = 'b8c6c5f0-91a0-4f5e-8f65-3f86b5f0a001' as CommandId
const command = (status: 'running' | 'done' | 'failed'): OutboxBody => ({
  kind: 'command',
  commandId: id,
  status,
  result: null,
})
const seqs = (outbox: Awaited<ReturnType<typeof open>>) => outbox.next().map(({ seq }) => seq)

it('numbers facts in order and keeps them until they are stored, across restarts', async () => {
  const first = await open()
  await first.put(fact('a'), fact('b'), fact('c'))
  expect(seqs(first)).toEqual([1, 2, 3])
  expect(await first.stored(first.epoch(), 2)).toBe(true)
  const second = await open()
  expect(second.epoch()).toBe(first.epoch())
  expect(seqs(second)).toEqual([3])
  await second.put(fact('d'))
  expect(seqs(second)).toEqual([3, 4])
})

it('takes a fact once: older revisions and a second end are dropped, also after a restart', async () => {
  const first = await open()
  await first.put(command('running'), command('done'))
  await first.put(command('failed'), command('running'))
  expect(first.waiting()).toBe(2)
  await first.stored(first.epoch(), 2)
  const second = await open()
  await second.put(command('done'))
  expect(second.waiting()).toBe(0)
})

it('sees that the portal knows more, or lost what was dropped here, and begins again', async () => {
  const outbox = await open()
  await outbox.put(fact('a'), fact('b'))
  expect(await outbox.stored(null, 0)).toBe(true)
  expect(await outbox.stored(outbox.epoch(), 9)).toBe(false)
  await outbox.stored(outbox.epoch(), 1)
  expect(await outbox.stored(outbox.epoch(), 0)).toBe(false)
  expect(await outbox.stored(null, 0)).toBe(false)
  const before = outbox.epoch()
  await outbox.restart([fact('all')])
  expect(outbox.epoch()).not.toBe(before)
  expect(seqs(await open())).toEqual([1])
})

it('never offers what is not on disk', async () => {
  const outbox = await open(stoppingDisk({ on: true }, 2))
  await expect(outbox.put(fact('a'))).rejects.toMatchObject({ code: 'io-error' })
  expect(seqs(outbox)).toEqual([])
})

it('says once in every epoch that it is complete, also when there was nothing to tell', async () => {
  const first = await open()
  await first.put({ kind: 'epoch-complete' })
  await first.stored(first.epoch(), 1)
  const second = await open()
  await second.put({ kind: 'epoch-complete' })
  expect(second.waiting()).toBe(0)
  await second.restart([fact('a'), { kind: 'epoch-complete' }])
  expect(seqs(second)).toEqual([1, 2])
})

it('gives at most 100 items at once', async () => {
  const outbox = await open()
  await outbox.put(...Array.from({ length: 250 }, (_, n) => fact(String(n))))
  expect(outbox.next()).toHaveLength(100)
})

it('writes what a full disk refused as soon as there is room, and only then offers it', async () => {
  const plain = stoppingDisk({ on: true })
  let isFull = false
  const full = async () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' })
  }
  const outbox = await open({
    ...plain,
    append: (file, text) => (isFull ? full() : plain.append(file, text)),
    replace: (file, text) => (isFull ? full() : plain.replace(file, text)),
  })
  isFull = true
  await expect(outbox.put(fact('a'))).rejects.toMatchObject({ code: 'disk-full' })
  await expect(outbox.put()).rejects.toMatchObject({ code: 'disk-full' })
  expect(seqs(outbox)).toEqual([])
  isFull = false
  await outbox.put()
  expect(seqs(outbox)).toEqual([1])
  expect(seqs(await open())).toEqual([1])
})
