// The words of one step in the life of a detected object: what happened, who asked, why it failed, what was done besides.
// The same in the app and on the portal. Owns sentences only.
import type { Detection, DetectionStep } from '#shared/domain/detection.ts'
import { foundByName, originText } from './scan-text.ts'
import { detectionStateText } from './state-text.ts'

/** "Found by Full Scan, asked remotely by anna@…", "Disinfected by you", "Failed: … (program ended)". `self`: the reader's address. */
export function stepText(
  detection: Pick<Detection, 'scanType' | 'risk' | 'quarantineId'>,
  step: DetectionStep,
  self?: string,
): string {
  const note = step.note === undefined ? '' : ` (${step.note})`
  if (step.state === 'found') return `Found by ${foundByName(detection.scanType)}${whoStarted(step, self)}${note}`
  const { text } = detectionStateText({ ...detection, state: step.state, reason: step.reason, busy: false })
  return `${text}${whoActed(step, self)}${note}`
}

function whoStarted({ by }: DetectionStep, self: string | undefined): string {
  // File protection and the schedule are in the name of the scan already.
  return by.kind === 'remote' ? `, started ${originText(by, self)}` : ''
}

function whoActed({ by }: DetectionStep, self: string | undefined): string {
  return by.kind === 'restart' ? ` ${originText(by)}` : `, asked ${askedBy(by, self)}`
}

function askedBy(by: DetectionStep['by'], self: string | undefined): string {
  return by.kind === 'remote' && by.account !== self ? `by ${by.account}` : originText(by, self)
}
