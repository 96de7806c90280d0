// What comes out of a running scan: written down first, then counted and told; files with nothing in them are remembered.
// Never decides what is scanned.
import type { DetectedObject, NotScannedObject } from '#shared/domain/object-report.ts'
import { noCounters, type ScanCounters } from '#shared/domain/scan.ts'
import type { FileScanResult } from '../scanner.ts'
import type { Checkpoint, FinishedFile } from './checkpoint.ts'
import { countedBytes } from './estimate.ts'
import type { FeedFile } from './feed-queue.ts'
import { gapsOf, lost, notScannedFile } from './gaps.ts'
import type { FeedObstacle } from './scan-feed.ts'
import type { ScanReport } from './scan-report.ts'

/** A file and what was found in it. */
export interface ScannedFile {
  readonly file: FeedFile
  readonly result: FileScanResult
}

export interface ResultsOptions {
  readonly checkpoint: Checkpoint
  readonly report: ScanReport
  readonly log: (line: string) => void
}

export class ScanResults {
  readonly #checkpoint: Checkpoint
  readonly #report: ScanReport
  readonly #log: (line: string) => void
  /** Sizes of the files that are finished, for the estimate. */
  #doneBytes = 0

  constructor({ checkpoint, report, log }: ResultsOptions) {
    this.#checkpoint = checkpoint
    this.#report = report
    this.#log = log
  }

  /** What is done, for the estimate. */
  get done(): ScanCounters {
    return { ...this.#report.counters, bytes: this.#doneBytes }
  }

  /** Tells what earlier processes of this scan had found, and what they died of. */
  tellBefore(): void {
    const { counters, detected, notScanned, given } = this.#checkpoint
    this.#report.add(counters)
    this.#report.tell(detected, notScanned)
    for (const { path, cause } of given) {
      this.take([{ file: { path, size: 0, link: null }, result: lost(cause) }])
    }
  }

  take(scanned: readonly ScannedFile[]): void {
    if (scanned.length === 0) return
    for (const { file, result } of scanned) {
      this.#doneBytes += countedBytes(file.size)
      if (result.kind === 'nothing-found' && result.seen) remember(file, result.seen)
    }
    this.#finish(scanned.map(finished))
  }

  takeObstacle({ path, reason }: FeedObstacle): void {
    const counts = { ...noCounters, notScanned: 1 }
    this.#finish([{ path, counts, detected: [], notScanned: [notScannedFile(path, reason)] }])
  }

  /** Unchanged since an earlier scan found nothing in all of them. */
  takeKnown(files: number, bytes: number): void {
    this.#doneBytes += bytes
    this.#report.add({ ...noCounters, files, objects: files, bytes })
  }

  /** It was done before this process. */
  skip(file: FeedFile): void {
    this.#doneBytes += countedBytes(file.size)
  }

  /** Written down first: after a crash in between it is told again, never forgotten. */
  #finish(files: readonly FinishedFile[]): void {
    try {
      this.#checkpoint.finish(files)
    } catch (error) {
      this.#log(`checkpoint not written: ${error instanceof Error ? error.message : 'unknown'}`)
    }
    for (const { counts } of files) this.#report.add(counts)
    this.#report.tell(
      files.flatMap(({ detected }) => detected),
      files.flatMap(({ notScanned }) => notScanned),
    )
  }
}

/** The same result, of a file that is not to be remembered. */
export function notRemembered(result: FileScanResult): FileScanResult {
  if (result.kind !== 'nothing-found') return result
  const { seen: _, ...rest } = result
  return rest
}

type Seen = NonNullable<Extract<FileScanResult, { kind: 'nothing-found' }>['seen']>

function remember({ known, path, link }: FeedFile, seen: Seen): void {
  known?.remember(seen.file, seen.readAtMs, link === null ? null : path.toString('latin1', path.lastIndexOf('/') + 1))
}

function finished({ file, result }: ScannedFile): FinishedFile {
  const detected: DetectedObject[] = result.kind === 'detected' ? [result.object] : []
  const notScanned: readonly NotScannedObject[] = gapsOf(file, result)
  const { objects, bytes } = result
  const excluded = result.kind === 'not-scanned' ? 0 : result.excluded
  const gaps = notScanned.reduce((sum, { more = 0 }) => sum + 1 + more, 0)
  const counts = { files: 1, objects, bytes, found: detected.length, notScanned: gaps, excluded }
  return { path: file.path, counts, detected, notScanned }
}
