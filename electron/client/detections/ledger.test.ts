// What is written into the ledger at the same time: nothing that began meanwhile is lost.
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { DetectionId, QuarantineId } from '#shared/domain/ids.ts'
import { createStorage } from '../storage/storage.ts'
import { infected } from '../testing/fake-machine.ts'
import { type HeldDisk, heldDisk, manualClock, quietLog } from '../testing/memory-ports.ts'
import { createLedger, type Ledger } from './ledger.ts'

const local = { kind: 'local' } as const
let dataDir: string
let heldText = ''
let disk: HeldDisk
let clock: ReturnType<typeof manualClock>
let ledger: Ledger

beforeEach(async () => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'ledger-test-'))
  heldText = 'nothing yet'
  disk = heldDisk((_file, text) => text.includes(heldText))
  clock = manualClock()
  ledger = createLedger({ storage: createStorage({ dataDir, disk, clock, log: quietLog }), clock })
  await ledger.load()
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

/** Two objects that were deleted, with copies. */
async function twoDeleted(): Promise<readonly DetectionId[]> {
  const found = ['/a', '/b'].map((file) => ({ object: infected(file), state: 'found', act: 'delete' }) as const)
  const context = { at: '2026-03-01T10:00:00Z', origin: local, scanType: 'quick', excludedThreats: [] } as const
  const entries = await ledger.record(found, { ...context, databaseVersion: 'v1' })
  for (const { detection } of entries) {
    const quarantineId = crypto.randomUUID() as QuarantineId
    await ledger.settle(detection.id, { status: 'deleted', quarantineId, otherLinks: 0 }, local)
  }
  return entries.map(({ detection }) => detection.id)
}

it.each([
  ['copyCondition', () => ledger.noteCopies(() => 'damaged')],
  ['copy-gone', () => ledger.dropCopies(() => ({ event: 'copy-gone' }))],
] as const)('an act that begins while %s is written of another object stays begun', async (text, note) => {
  const [, second = ''] = await twoDeleted()
  heldText = text
  const noted = note()
  await disk.reached
  const begun = ledger.begin(second as DetectionId, { act: 'restore', origin: local })
  disk.release()
  await Promise.all([noted, begun])
  expect(ledger.get(second)).toMatchObject({ intent: { act: 'restore' }, detection: { busy: true } })
})

it('an old object that somebody restores while old ones are removed stays listed', async () => {
  const [first = '', second = ''] = await twoDeleted()
  clock.advance(91 * 24 * 3_600_000)
  heldText = 'removed'
  const pruned = ledger.prune()
  await disk.reached
  const begun = ledger.begin(second as DetectionId, { act: 'restore', origin: local })
  disk.release()
  await Promise.all([pruned, begun])
  expect([ledger.get(first), ledger.get(second)?.intent?.act]).toEqual([undefined, 'restore'])
})
