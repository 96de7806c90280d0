// The words of one step in the life of a detected object: what happened, who asked, why it failed, what was done besides.
// The same in the app and on the portal. Owns sentences only.
import type { Detection, DetectionStep, StepEvent } from '#shared/domain/detection.ts'
import { textOfCode } from './error-text.ts'
import { foundByName, originText } from './scan-text.ts'
import { detectionStateText } from './state-text.ts'

type Stepped = Pick<Detection, 'scanType' | 'risk' | 'quarantineId'>

/**
 * "Found by Full Scan, started remotely by anna@…", "Disinfected, asked by you", "Deleted, copy kept, automatically, in a Quick
 * Scan started by you (program ended)". `self`: the reader's address.
 */
export function stepText(detection: Stepped, step: DetectionStep, self?: string): string {
  const note = step.note === undefined ? '' : ` (${step.note})`
  return `${whatText(detection, step)}${whoText(detection, step, self)}${note}`
}

const eventTexts: Record<Exclude<StepEvent, 'not-restored'>, string> = {
  'copy-deleted': 'Copy in Quarantine deleted for good',
  'copy-expired': 'Copy in Quarantine removed: it was kept as long as the settings say',
  'copy-gone': 'Copy in Quarantine no longer there',
}

function whatText(detection: Stepped, step: DetectionStep): string {
  const { event, state, reason } = step
  if (event === 'not-restored')
    return `Not restored: ${reason === undefined ? 'unknown reason' : textOfCode(reason).reason}`
  if (event !== undefined) return eventTexts[event]
  if (state === 'found') return `Found by ${foundByName(step.scanType ?? detection.scanType)}`
  // A copy that was kept then may be gone by now.
  const { quarantineId, ...rest } = detection
  const copy = step.copied === true ? copyMade : quarantineId
  return detectionStateText({ ...rest, ...(copy ? { quarantineId: copy } : {}), state, reason, busy: false }).text
}

/** Stands for a copy of which nothing more is known. */
const copyMade = '00000000-0000-4000-8000-000000000000' as NonNullable<Detection['quarantineId']>

function whoText(detection: Stepped, step: DetectionStep, self: string | undefined): string {
  const { by, event } = step
  // That a copy is gone needs nobody.
  if (event === 'copy-expired' || event === 'copy-gone') return ''
  if (by.kind === 'restart') return ` ${originText(by)}`
  // File protection and the schedule are in the name of the scan already.
  if (step.state === 'found' && !event) return by.kind === 'remote' ? `, started ${originText(by, self)}` : ''
  if (step.automatic !== true) return `, asked ${askedBy(by, self)}`
  if (by.kind === 'real-time') return ', automatically by File protection'
  return `, automatically, in a ${foundByName(step.scanType ?? detection.scanType)} started ${originText(by, self)}`
}

function askedBy(by: DetectionStep['by'], self: string | undefined): string {
  return by.kind === 'remote' && by.account !== self ? `by ${by.account}` : originText(by, self)
}
