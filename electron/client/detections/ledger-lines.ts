// The entries of the ledger as lines of its journal, and back. Pure.
import type { Detection } from '#shared/domain/detection.ts'
import type { DetectedObject } from '#shared/domain/object-report.ts'
import type { DetectionLine, TreatmentIntent } from '#shared/files/detection-lines.ts'

export interface LedgerEntry {
  readonly detection: Detection
  readonly object: DetectedObject
  readonly databaseVersion: string
  readonly intent: TreatmentIntent | null
}

export function objectLine({ detection, object, databaseVersion }: LedgerEntry): DetectionLine {
  return { version: 1, kind: 'object', id: detection.id, object, databaseVersion }
}

export function detectionLine({ detection, intent }: LedgerEntry): DetectionLine {
  return { version: 1, kind: 'detection', detection, intent }
}

/** The entries that the lines of a journal amount to. */
export function entriesOf(lines: readonly DetectionLine[]): LedgerEntry[] {
  const objects = new Map<string, { object: DetectedObject; databaseVersion: string }>()
  const found = new Map<string, LedgerEntry>()
  for (const line of lines) {
    if (line.kind === 'object') objects.set(line.id, line)
    else if (line.kind === 'removed') found.delete(line.id)
    else {
      const seen = objects.get(line.detection.id)
      if (seen) {
        const { object, databaseVersion } = seen
        found.set(line.detection.id, { detection: line.detection, object, databaseVersion, intent: line.intent })
      }
    }
  }
  return [...found.values()]
}
