// Gives changed journals, checkpoints and cache records to their readers: what survived a power cut half, or was touched.
// Checks that none throws, that only what fits its schema comes out, and that what is opened once can be opened again.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { QuarantineId, ScanId } from '#shared/domain/ids.ts'
import { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters, ScanCounters } from '#shared/domain/scan.ts'
import { QuarantineIndexLine } from '#shared/files/quarantine-file.ts'
import { RecordBuilder, RecordReader, readRecord, type SeenFile } from '../../cache/folder-record.ts'
import { openJournal } from '../../files/journal.ts'
import { openCheckpoint } from '../../scans/checkpoint.ts'
import { SlotWriter } from '../../scans/slot.ts'
import { tokensOf } from './fixture.ts'
import { mutated } from './mutate.ts'
import type { Random } from './random.ts'
import type { Probe, Target } from './target.ts'

export function recordTargets(many: number, few: number): Target[] {
  const target = (name: string, count: number, open: () => Promise<Probe>): Target => {
    return { name, group: 'records', count, mostCpuMs: 2000, open }
  }
  return [
    target('journal-index', few, async () => openJournals()),
    target('checkpoint-files', few, openCheckpoints),
    target('cache-record', many, async () => openRecords()),
  ]
}

const jsonWords = tokensOf(
  '{',
  '}',
  '"',
  '\n',
  ',',
  ':',
  '"version":1',
  'null',
  '1e999',
  '"__proto__":{}',
  '0xc3',
  '0x00',
  '[',
)
const id = QuarantineId.parse('6f9619ff-8b86-4011-b42d-00c04fc964ff')
const scanId = ScanId.parse('6f9619ff-8b86-4011-b42d-00c04fc964fd')

function changedBy(bytes: Buffer, random: Random): Buffer {
  return mutated(bytes, random, { tokens: jsonWords, others: [bytes], mostBytes: 32 * 1024 })
}

function openJournals(): Probe {
  const folder = mkdtempSync(join(tmpdir(), 'fuzz-journal-'))
  const file = join(folder, 'index.jsonl')
  const line = QuarantineIndexLine.parse({
    ...{ version: 1, kind: 'stored', id, detectionId: id, path: { text: '/a\u00e9' }, threat: 'T', sizeBytes: 1 },
    ...{ storeBytes: 2, storedAt: '2026-03-01T00:00:00.000Z', origin: { kind: 'local' } },
  })
  const gone: QuarantineIndexLine = { version: 1, kind: 'deleted', id }
  const whole = Buffer.from([line, gone, line].map((entry) => `${JSON.stringify(entry)}\n`).join(''))
  return {
    input: (random) => changedBy(whole, random),
    check: async (input) => {
      rmSync(`${file}.unreadable`, { force: true })
      writeFileSync(file, input)
      const first = openJournal(file, QuarantineIndexLine)
      for (const entry of first.entries) QuarantineIndexLine.parse(entry)
      first.journal.append(gone)
      first.journal.close()
      const second = openJournal(file, QuarantineIndexLine)
      second.journal.close()
      const expected = JSON.stringify([...first.entries, gone])
      if (second.rejected.length > 0 || JSON.stringify(second.entries) !== expected)
        throw new Error('opened again it is another journal')
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  }
}

const counts = { ...noCounters, files: 1, objects: 3, bytes: 5_000_000_000, found: 1, notScanned: 2 }
const gap: NotScannedObject = { path: { text: '/a' }, member: ['m'], reason: 'encrypted', partial: true }

/** One file of a scan's folder is changed: the input is this file, behind the number of which one it is. */
async function openCheckpoints(): Promise<Probe> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fuzz-checkpoint-'))
  const folder = join(dataDir, 'scans', scanId)
  const first = openCheckpoint(dataDir, scanId, { resume: false, generation: 'one' })
  const done = (name: string) => ({ path: Buffer.from(name), counts, detected: [], notScanned: [gap] })
  first.finish([done('/a'), done('/b')])
  await first.save(10)
  const slot = new SlotWriter()
  slot.set(first.slotFile(0), Buffer.from('/in-flight'))
  slot.close()
  const whole = readdirSync(folder)
    .sort()
    .map((name) => ({ name, bytes: readFileSync(join(folder, name)) }))
  return {
    input: (random) => {
      const which = random.below(whole.length)
      return Buffer.concat([Buffer.from([which]), changedBy(whole[which]?.bytes ?? Buffer.alloc(0), random)])
    },
    check: async (input) => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      for (const { name, bytes } of whole) writeFileSync(join(folder, name), bytes)
      writeFileSync(join(folder, whole[input[0] ?? 0]?.name ?? ''), input.subarray(1))
      const opened = openCheckpoint(dataDir, scanId, { resume: true, generation: 'one' })
      try {
        ScanCounters.parse(opened.counters)
        for (const object of opened.detected) DetectedObject.parse(object)
        for (const object of opened.notScanned) NotScannedObject.parse(object)
        opened.isDone(Buffer.from('/a'))
        opened.finish([done('/c')])
        await opened.save(20)
      } finally {
        opened.remove()
      }
    },
    close: () => {
      first.remove()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

const generation = Buffer.alloc(16, 7)

function fileOf(ino: number): SeenFile {
  const number = BigInt(ino)
  return {
    ...{ dev: 1n, ino: number, size: number * 10n, mtimeNs: number * 100n, ctimeNs: number * 1000n },
    birthtimeNs: number,
  }
}

/** A row that was changed must not make a file known that it is not exactly. */
function openRecords(): Probe {
  const builder = new RecordBuilder()
  const files = Array.from({ length: 9 }, (_, index) => fileOf(index + 1))
  for (const file of files) builder.add(file, file.ino, 1000)
  const whole = builder.pack(generation)
  return {
    input: (random) => changedBy(whole, random),
    check: async (input) => {
      const rows = readRecord(generation, input)
      if (rows === null) return
      const reader = new RecordReader(rows, 500, 2000)
      for (const file of files) {
        const at = reader.find(file, file.ino)
        if (at === -1) continue
        const { ino, size, mtimeNs, ctimeNs, birthtimeNs } = file
        const row = [...reader.row(at)]
        const isSame = [ino, size, mtimeNs, ctimeNs, birthtimeNs].every((value, column) => row[column] === value)
        if (!isSame || (row[5] ?? 0n) < 500n || (row[5] ?? 0n) > 2000n) throw new Error(`known by another row: ${row}`)
      }
    },
    close: () => {},
  }
}
