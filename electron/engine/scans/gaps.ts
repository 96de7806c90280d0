// What was not looked at, in the form it is reported. Pure.
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import type { NotScannedReason } from '#shared/domain/verdict.ts'
import { toFilePath } from '../files/path-text.ts'
import type { FileScanResult } from '../scanner.ts'
import type { FeedFile } from './feed-queue.ts'

/** The result for a file that cannot be scanned at all. */
export function lost(reason: NotScannedReason): FileScanResult {
  return { kind: 'not-scanned', reason, notScanned: [], objects: 0, bytes: 0 }
}

/** The members that were not looked at, and the file itself where nothing of it was. */
export function gapsOf(file: FeedFile, result: FileScanResult): readonly NotScannedObject[] {
  const named = result.notScanned.some((each) => each.member.length === 0 && !each.partial)
  if (result.kind !== 'not-scanned' || named) return result.notScanned
  return [notScannedFile(file.path, result.reason), ...result.notScanned]
}

/** The report for a whole file. */
export function notScannedFile(path: Buffer, reason: NotScannedReason): NotScannedObject {
  return { path: toFilePath(path), member: [], reason, partial: false }
}
