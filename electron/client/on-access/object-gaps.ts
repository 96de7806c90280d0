// What of one file was not looked at, from the engine's answer. Pure.
import type { FilePath } from '#shared/domain/file-path.ts'
import type { NotScannedObject } from '#shared/domain/object-report.ts'
import type { Coverage, NotScannedReason } from '#shared/domain/verdict.ts'
import type { ObjectScanResult } from '#shared/engine-protocol/engine-contract.ts'

/** Empty when all of it was looked at, and for a file that is not there any more. */
export function gapsOf(path: FilePath, result: ObjectScanResult): NotScannedObject[] {
  switch (result.kind) {
    case 'not-scanned':
      return result.reason === 'vanished' ? [] : [whole(path, result.reason)]
    case 'nothing-found':
      return result.partial.map((reason) => part(path, reason))
    case 'detected':
      return reasonsOf(result.object.coverage).map((reason) => part(path, reason))
  }
}

/** Nothing of the file was looked at. */
export function whole(path: FilePath, reason: NotScannedReason): NotScannedObject {
  return { path, member: [], reason, partial: false }
}

function part(path: FilePath, reason: NotScannedReason): NotScannedObject {
  return { path, member: [], reason, partial: true }
}

function reasonsOf(coverage: Coverage): readonly NotScannedReason[] {
  if (coverage.kind === 'full') return []
  return coverage.kind === 'partial' ? coverage.reasons : [coverage.reason]
}
