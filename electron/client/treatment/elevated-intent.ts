// What a person means who continues as administrator with one object. Pure.
import type { Origin } from '#shared/domain/treatment.ts'
import type { TreatmentIntent } from '#shared/files/detection-lines.ts'
import type { LedgerEntry } from '../detections/ledger.ts'
import { countedFindings } from './act-words.ts'

/** Undefined where that is not offered. What it is exactly, the engine remembers. */
export function elevatedIntent(
  { detection, object, intent }: LedgerEntry,
  excluded: readonly string[],
  origin: Origin,
): Omit<TreatmentIntent, 'at'> | undefined {
  if (detection.canElevate !== true || (intent && detection.busy)) return undefined
  return { act: 'disinfect-or-delete', origin, findings: countedFindings(object.findings, excluded) }
}
