// What a crash or a bad disk may leave behind: torn lines, damaged lines, damaged documents.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { manualClock, quietLog } from '../testing/memory-ports.ts'
import { nodeDisk } from './disk.ts'
import { createStorage } from './storage.ts'

const Line = z.strictObject({ n: z.number() })
let dataDir = ''
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'storage-test-'))
})
afterEach(() => rmSync(dataDir, { recursive: true, force: true }))
const open = () => createStorage({ dataDir, disk: nodeDisk, clock: manualClock(), log: quietLog })
const file = (name: string) => path.join(dataDir, name)

it('keeps lines across a restart, in order, also when they were asked for at once', async () => {
  const { journal } = await open().openJournal('a.jsonl', Line)
  await Promise.all(Array.from({ length: 50 }, (_, n) => journal.append({ n })))
  const { lines } = await open().openJournal('a.jsonl', Line)
  expect(lines.map(({ n }) => n)).toEqual(Array.from({ length: 50 }, (_, n) => n))
})

it('drops a torn last line without a problem, and goes on after it', async () => {
  writeFileSync(file('a.jsonl'), '{"n":1}\n{"n":2')
  const storage = open()
  const { journal, lines } = await storage.openJournal('a.jsonl', Line)
  expect(lines).toEqual([{ n: 1 }])
  expect(storage.damaged()).toEqual([])
  await journal.append({ n: 3 })
  expect(readFileSync(file('a.jsonl'), 'utf8')).toBe('{"n":1}\n{"n":3}\n')
})

it('sets a journal with damaged lines aside, keeps its good lines, and says so', async () => {
  writeFileSync(file('a.jsonl'), '{"n":1}\nrubbish\n{"n":3}\n')
  const storage = open()
  const { lines } = await storage.openJournal('a.jsonl', Line)
  expect(lines).toEqual([{ n: 1 }, { n: 3 }])
  expect(storage.damaged()).toMatchObject([{ file: 'a.jsonl' }])
  expect(readdirSync(dataDir).filter((name) => name.startsWith('a.jsonl.damaged-'))).toHaveLength(1)
  expect(readFileSync(file('a.jsonl'), 'utf8')).toBe('{"n":1}\n{"n":3}\n')
})

it.each(['not json', '{"n":"x"}', ''])('sets a damaged document aside: %j', async (text) => {
  writeFileSync(file('d.json'), text)
  const storage = open()
  const { value, save } = await storage.openDocument('d.json', Line)
  expect(value).toBeNull()
  expect(storage.damaged()).toHaveLength(1)
  await save({ n: 7 })
  expect((await open().openDocument('d.json', Line)).value).toEqual({ n: 7 })
})
