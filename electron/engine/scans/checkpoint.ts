// What a running scan leaves on disk, so that it goes on after its process died: which files are done, with their
// numbers and findings, and which files were in flight. Never survives the end of the scan.
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { ScanId } from '#shared/domain/ids.ts'
import { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters, type ScanCounters } from '#shared/domain/scan.ts'
import { parseJournal } from '#shared/files/journal-lines.ts'
import { writeAtomically } from '../files/atomic-write.ts'
import { type CompletedFile, DoneLog } from './done-log.ts'
import { type DeathCause, readSlot } from './slot.ts'

const Head = z.strictObject({
  version: z.literal(1),
  key: z.base64(),
  startedAt: z.number(),
  /** Files that were in flight when the process died, by path in base64, with how often. */
  deaths: z.record(
    z.string(),
    z.strictObject({ times: z.number(), cause: z.enum(['engine-crash', 'engine-timeout']) }),
  ),
})
type Head = z.infer<typeof Head>

const Report = z.union([z.strictObject({ detected: DetectedObject }), z.strictObject({ notScanned: NotScannedObject })])

export interface Suspect {
  readonly path: Buffer
  readonly cause: DeathCause
}

export interface Checkpoint {
  /** When the scan was first started, in ms since 1970. */
  readonly startedAt: number
  /** Of the files that were done before a crash. */
  readonly counters: ScanCounters
  /** What was reported before a crash: the process may have died before it was told. */
  readonly detected: readonly DetectedObject[]
  readonly notScanned: readonly NotScannedObject[]
  /** In flight at one crash: to be tried once more, each alone. */
  readonly suspects: readonly Suspect[]
  /** In flight at two crashes: to be reported and left alone. */
  readonly given: readonly Suspect[]
  isDone(path: Uint8Array): boolean
  slotFile(worker: number): string
  /** Remembers what is about to be told. Call before `complete` of the file. */
  report(detected: readonly DetectedObject[], notScanned: readonly NotScannedObject[]): void
  complete(files: readonly CompletedFile[]): void
  remove(): void
}

/** A process that dies this often over one file does so because of it. */
const deathsToGiveUp = 2

/** The folder under which every running scan has its own. */
export function scansFolder(dataDir: string): string {
  return path.join(dataDir, 'scans')
}

/** Opens the scan's folder. Without `resume`, or when there is nothing usable in it, it starts from nothing. */
export function openCheckpoint(dataDir: string, scanId: ScanId, resume: boolean): Checkpoint {
  const folder = path.join(scansFolder(dataDir), scanId)
  const head = resume ? readHead(folder) : null
  if (!head) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return new FolderCheckpoint(folder, head)
}

/** Removes what scans left that nobody resumed for `maxAgeMs`. */
export function removeOldCheckpoints(dataDir: string, maxAgeMs: number): void {
  const root = scansFolder(dataDir)
  if (!existsSync(root)) return
  for (const name of readdirSync(root)) {
    const head = readHead(path.join(root, name))
    if (!head || Date.now() - head.startedAt > maxAgeMs) rmSync(path.join(root, name), { recursive: true, force: true })
  }
}

class FolderCheckpoint implements Checkpoint {
  readonly startedAt: number
  readonly counters: ScanCounters
  readonly detected: readonly DetectedObject[] = []
  readonly notScanned: readonly NotScannedObject[] = []
  readonly suspects: readonly Suspect[] = []
  readonly given: readonly Suspect[] = []
  readonly #folder: string
  readonly #done: DoneLog
  #reports = -1

  constructor(folder: string, old: Head | null) {
    this.#folder = folder
    const head = old ?? { version: 1, key: randomBytes(16).toString('base64'), startedAt: Date.now(), deaths: {} }
    this.startedAt = head.startedAt
    this.#done = new DoneLog(path.join(folder, 'done.bin'), Buffer.from(head.key, 'base64'))
    this.counters = old ? this.#done.counters : noCounters
    if (old) {
      const reports = readReports(path.join(folder, 'reports.jsonl'))
      this.detected = reports.flatMap((report) => ('detected' in report ? [report.detected] : []))
      this.notScanned = reports.flatMap((report) => ('notScanned' in report ? [report.notScanned] : []))
      const dead = this.#countDeaths(head)
      this.suspects = dead.filter((each) => each.times < deathsToGiveUp)
      this.given = dead.filter((each) => each.times >= deathsToGiveUp)
    }
    writeAtomically(path.join(folder, 'head.json'), JSON.stringify(head))
  }

  isDone(file: Uint8Array): boolean {
    return this.#done.has(file)
  }

  slotFile(worker: number): string {
    return path.join(this.#folder, `slot-${worker}`)
  }

  report(detected: readonly DetectedObject[], notScanned: readonly NotScannedObject[]): void {
    if (detected.length + notScanned.length === 0) return
    if (this.#reports < 0) this.#openReports()
    const lines = [...detected.map((each) => ({ detected: each })), ...notScanned.map((each) => ({ notScanned: each }))]
    writeSync(this.#reports, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  }

  complete(files: readonly CompletedFile[]): void {
    this.#done.append(files)
  }

  remove(): void {
    this.#done.close()
    if (this.#reports >= 0) closeSync(this.#reports)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #openReports(): void {
    const file = path.join(this.#folder, 'reports.jsonl')
    // A line that the dead process left torn must not swallow the next one.
    if (existsSync(file)) appendFileSync(file, '\n')
    this.#reports = openSync(file, 'a', 0o600)
  }

  /** Moves what the slots say into the head, where it is counted over several crashes. */
  #countDeaths(head: Head): (Suspect & { times: number })[] {
    for (const name of readdirSync(this.#folder).filter((each) => each.startsWith('slot-'))) {
      const record = readSlot(path.join(this.#folder, name))
      rmSync(path.join(this.#folder, name))
      if (!record || this.isDone(record.path)) continue
      const key = record.path.toString('base64')
      head.deaths[key] = { times: (head.deaths[key]?.times ?? 0) + 1, cause: record.cause }
    }
    return Object.entries(head.deaths)
      .map(([key, { times, cause }]) => ({ path: Buffer.from(key, 'base64'), times, cause }))
      .filter((each) => !this.isDone(each.path))
  }
}

function readHead(folder: string): Head | null {
  try {
    return Head.parse(JSON.parse(readFileSync(path.join(folder, 'head.json'), 'utf8')))
  } catch {
    return null
  }
}

function readReports(file: string): z.infer<typeof Report>[] {
  if (!existsSync(file)) return []
  const { entries } = parseJournal(readFileSync(file, 'utf8'), Report)
  return [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()]
}
