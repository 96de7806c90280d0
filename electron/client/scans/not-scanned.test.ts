// What is listed when a scan and file protection left out something of the same file.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import { nodeDisk } from '../storage/disk.ts'
import { createStorage } from '../storage/storage.ts'
import { manualClock, quietLog } from '../testing/memory-ports.ts'
import { createNotScannedList } from './not-scanned.ts'

const file = { text: '/home/anna/Documents/a.zip' }
const closed: NotScannedObject = { path: file, member: [], reason: 'not-opened', partial: true }
const locked: NotScannedObject = { path: file, member: ['letter.txt'], reason: 'encrypted', partial: false }
let dataDir: string
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'not-scanned-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))

const view = ({ member, reason, partial }: NotScannedObject) => ({
  path: file.text,
  member: member.join(' › '),
  reason,
  partial,
})

async function loaded() {
  const list = createNotScannedList(createStorage({ dataDir, disk: nodeDisk, clock: manualClock(), log: quietLog }))
  await list.load()
  return list
}

it('both are listed, each with who left it out, unless they say the same', async () => {
  const list = await loaded()
  list.setWatched(file, [closed])
  list.add([locked, closed])
  const both = [{ ...view(closed), by: 'file-protection' }, view(locked)]
  expect(list.newest()).toEqual(both)
  expect(list.reasons()).toEqual([
    { reason: 'encrypted', count: 1, partial: 0 },
    { reason: 'not-opened', count: 1, partial: 1 },
  ])
  await list.save()
  expect((await loaded()).newest()).toEqual(both)
})

it('what an earlier version wrote down of file protection is known as such', async () => {
  const written = { version: 1, counts: {}, partial: {}, entries: [view(locked)], watched: [view(closed)] }
  writeFileSync(path.join(dataDir, 'not-scanned.json'), JSON.stringify(written))
  expect((await loaded()).newest()).toEqual([{ ...view(closed), by: 'file-protection' }, view(locked)])
})
