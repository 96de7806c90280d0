// What a running scan leaves on disk, so that it goes on after its process died or the power went: which files are done, with
// their numbers and findings, and which files were in flight. Never survives the end of the scan.
// A file counts as done only when what was reported about it is on the disk: it may be told twice, never forgotten.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import type { ScanId } from '#shared/domain/ids.ts'
import { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters, type ScanCounters } from '#shared/domain/scan.ts'
import { parseJournal } from '#shared/files/journal-lines.ts'
import { writeAtomically } from '../files/atomic-write.ts'
import { readActiveMs, TimeFile } from './active-time.ts'
import { type AppendDisk, AppendFile, realDisk } from './append-file.ts'
import { type CompletedFile, DoneLog } from './done-log.ts'
import { type DeathCause, readSlot } from './slot.ts'

const Head = z.strictObject({
  version: z.literal(2),
  key: z.base64(),
  startedAt: z.number(),
  /** What the files were scanned with (generation.ts). */
  generation: z.string(),
  /** Files that were in flight when the process died, by path in base64, with how often. */
  deaths: z.record(
    z.string(),
    z.strictObject({ times: z.number(), cause: z.enum(['engine-crash', 'engine-timeout']) }),
  ),
})
type Head = z.infer<typeof Head>

const Report = z.union([z.strictObject({ detected: DetectedObject }), z.strictObject({ notScanned: NotScannedObject })])
type Report = z.infer<typeof Report>

export interface Suspect {
  readonly path: Buffer
  readonly cause: DeathCause
}

/** A file that is finished, and what is told about it. */
export interface FinishedFile extends CompletedFile {
  readonly detected: readonly DetectedObject[]
  readonly notScanned: readonly NotScannedObject[]
}

export interface Checkpoint {
  /** When the scan was first started, in ms since 1970. */
  readonly startedAt: number
  /** How long it has worked before this process. */
  readonly activeMs: number
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
  /** Writes down what is about to be told. A file that something is told about is done with the next `save`. */
  finish(files: readonly FinishedFile[]): void
  /** Puts what is told on the disk, then marks its files as done. About once a second. `activeMs`: of the whole scan. */
  save(activeMs: number): Promise<void>
  remove(): void
}

export interface CheckpointOptions {
  /** Go on with what is there, if it was made with the same `generation`; else it starts from nothing. */
  readonly resume: boolean
  readonly generation: string
  readonly disk?: AppendDisk
}

/** A process that dies this often over one file does so because of it. */
const deathsToGiveUp = 2

/** The folder under which every running scan has its own. */
export function scansFolder(dataDir: string): string {
  return path.join(dataDir, 'scans')
}

/** Opens the scan's folder. */
export function openCheckpoint(dataDir: string, scanId: ScanId, options: CheckpointOptions): Checkpoint {
  const folder = path.join(scansFolder(dataDir), scanId)
  const left = options.resume ? readHead(folder) : null
  // Other databases may find what these did not: then nothing is done yet.
  const head = left?.generation === options.generation ? left : null
  if (!head) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return new FolderCheckpoint(folder, head, options)
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
  readonly activeMs: number
  readonly counters: ScanCounters
  readonly detected: readonly DetectedObject[] = []
  readonly notScanned: readonly NotScannedObject[] = []
  readonly suspects: readonly Suspect[] = []
  readonly given: readonly Suspect[] = []
  readonly #folder: string
  readonly #done: DoneLog
  readonly #reports: AppendFile
  readonly #time: TimeFile
  /** Files whose reports are written and perhaps not on the disk yet. */
  #waiting: CompletedFile[] = []
  #isSaving = false
  #isRemoved = false

  constructor(folder: string, old: Head | null, { generation, disk = realDisk }: CheckpointOptions) {
    this.#folder = folder
    const fresh = { version: 2, key: randomBytes(16).toString('base64'), startedAt: Date.now(), deaths: {} } as const
    const head: Head = old ?? { ...fresh, generation }
    this.startedAt = head.startedAt
    this.activeMs = old ? readActiveMs(this.#file('time')) : 0
    this.#done = new DoneLog(this.#file('done.bin'), Buffer.from(head.key, 'base64'), disk)
    this.counters = old ? this.#done.counters : noCounters
    const { reports, wholeBytes } = readReports(this.#file('reports.jsonl'))
    this.#reports = new AppendFile(this.#file('reports.jsonl'), disk, wholeBytes)
    this.#time = new TimeFile(this.#file('time'))
    if (old) {
      this.detected = reports.flatMap((report) => ('detected' in report ? [report.detected] : []))
      this.notScanned = reports.flatMap((report) => ('notScanned' in report ? [report.notScanned] : []))
      const dead = this.#countDeaths(head)
      this.suspects = dead.filter((each) => each.times < deathsToGiveUp)
      this.given = dead.filter((each) => each.times >= deathsToGiveUp)
    }
    // Last, for it puts the names of the others on the disk too.
    writeAtomically(this.#file('head.json'), JSON.stringify(head))
  }

  isDone(file: Uint8Array): boolean {
    return this.#done.has(file)
  }

  slotFile(worker: number): string {
    return this.#file(`slot-${worker}`)
  }

  finish(files: readonly FinishedFile[]): void {
    const silent: CompletedFile[] = []
    const told: FinishedFile[] = []
    for (const file of files) (file.detected.length + file.notScanned.length === 0 ? silent : told).push(file)
    this.#done.append(silent)
    if (told.length === 0) return
    this.#reports.append(Buffer.from(told.flatMap(linesOf).join('')))
    for (const { path: file, counts } of told) this.#waiting.push({ path: file, counts })
  }

  async save(activeMs: number): Promise<void> {
    this.#time.write(activeMs)
    if (this.#isSaving || this.#waiting.length === 0) return
    const files = this.#waiting
    this.#waiting = []
    this.#isSaving = true
    try {
      await this.#reports.sync()
      if (!this.#isRemoved) this.#done.append(files)
    } catch (error) {
      this.#waiting = [...files, ...this.#waiting]
      throw error
    } finally {
      this.#isSaving = false
    }
  }

  remove(): void {
    this.#isRemoved = true
    this.#done.close()
    this.#reports.close()
    this.#time.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #file(name: string): string {
    return path.join(this.#folder, name)
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

function linesOf({ detected, notScanned }: FinishedFile): string[] {
  const reports: Report[] = [
    ...detected.map((each) => ({ detected: each })),
    ...notScanned.map((each) => ({ notScanned: each })),
  ]
  return reports.map((report) => `${JSON.stringify(report)}\n`)
}

function readHead(folder: string): Head | null {
  try {
    return Head.parse(JSON.parse(readFileSync(path.join(folder, 'head.json'), 'utf8')))
  } catch {
    return null
  }
}

/** Each report once. `wholeBytes`: up to the end of the last line that is one. */
function readReports(file: string): { reports: Report[]; wholeBytes: number } {
  if (!existsSync(file)) return { reports: [], wholeBytes: 0 }
  const bytes = readFileSync(file)
  const { entries } = parseJournal(bytes.toString('utf8'), Report)
  const reports = [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()]
  return { reports, wholeBytes: bytes.lastIndexOf(0x0a) + 1 }
}
