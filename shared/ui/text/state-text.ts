// The words and icon of a detected object's state, the same on the portal and in the app. Owns sentences only.
// Never says "clean".

import { noCopyReason } from '#shared/domain/copy-text.ts'
import { type Detection, type DetectionAction, hasUsableCopy } from '#shared/domain/detection.ts'
import { lastSeparator } from '#shared/domain/path-text.ts'
import type { RiskLevel, ThreatVerdict } from '#shared/domain/verdict.ts'
import type { StatusKind } from '../StatusIcon.tsx'
import { textOfCode } from './error-text.ts'

export interface StateText {
  readonly status: StatusKind
  readonly text: string
}

const ofRisk: Record<RiskLevel, StatusKind> = { high: 'danger', medium: 'attention', low: 'quiet' }
const actingWords = 'Working'

/** Icon and words of a state. "Found" looks like its risk. */
export function detectionStateText(
  detection: Pick<Detection, 'state' | 'risk' | 'reason' | 'quarantineId' | 'copyCondition' | 'busy'>,
): StateText {
  if (detection.busy) return { status: 'busy', text: actingWords }
  const found = ofRisk[detection.risk]
  const reason = detection.reason && textOfCode(detection.reason).reason
  switch (detection.state) {
    case 'found':
      return { status: found, text: 'Found' }
    case 'kept':
      return { status: found, text: reason === undefined ? 'Kept' : `Kept: ${reason}` }
    case 'skipped':
      return { status: 'skipped', text: 'Skipped' }
    case 'disinfected':
      return { status: 'good', text: 'Disinfected' }
    case 'deleted':
      return { status: 'good', text: `Deleted${copyText(detection)}` }
    case 'quarantined':
      return { status: 'info', text: 'Copied to Quarantine, original left' }
    case 'restored':
      return { status: 'info', text: 'Restored' }
    case 'at-restart':
      return { status: 'waiting', text: 'Will be disinfected on computer restart' }
    case 'gone':
      return { status: 'skipped', text: 'No longer there' }
    case 'changed':
      return { status: 'attention', text: 'Changed since it was found, not touched' }
    case 'protected':
      return { status: 'danger', text: 'System file, not touched' }
    case 'backup-failed':
      return { status: 'danger', text: `Not touched: ${noCopyReason(detection.reason)}` }
    case 'failed':
      return { status: 'danger', text: `Failed: ${reason ?? 'unknown reason'}` }
  }
}

/** A copy that cannot be restored is no promise. */
function copyText(detection: Pick<Detection, 'quarantineId' | 'copyCondition'>): string {
  if (detection.quarantineId === undefined) return ''
  if (hasUsableCopy(detection)) return ', copy kept'
  return detection.copyCondition === 'damaged' ? ', copy damaged' : ', key of the copy lost'
}

const actionLabels: Record<DetectionAction, string> = {
  process: 'Process',
  disinfect: 'Disinfect',
  delete: 'Delete',
  'copy-to-quarantine': 'Copy to quarantine',
  skip: 'Skip',
  restore: 'Restore',
  'restore-and-exclude': 'Restore and add to exclusions',
}

/** The verb where an administrator is needed and the system can ask for one. */
export const elevateLabel = 'Continue as administrator'

/** The verb on a button. */
export function actionLabel(action: DetectionAction): string {
  return actionLabels[action]
}

/** The one action a person is advised to take, out of those that are possible. */
export function recommendedAction(
  detection: Pick<Detection, 'verdict'>,
  possible: readonly DetectionAction[],
): DetectionAction | undefined {
  const wanted: readonly DetectionAction[] =
    detection.verdict === 'risky' ? ['skip', 'disinfect'] : ['disinfect', 'skip']
  return wanted.find((action) => possible.includes(action)) ?? possible[0]
}

const riskLabels: Record<RiskLevel, string> = { high: 'High risk', medium: 'Medium risk', low: 'Low risk' }

/** Risk in words; it has no icon of its own. */
export function riskLabel(risk: RiskLevel): string {
  return riskLabels[risk]
}

const riskClasses: Record<RiskLevel, string> = { high: 't-red', medium: 't-yellow', low: 't-3' }

/** The text colour class of a risk. */
export function riskClass(risk: RiskLevel): string {
  return riskClasses[risk]
}

const verdictLabels: Record<ThreatVerdict, string> = {
  infected: 'Infected',
  'probably-infected': 'Probably infected',
  risky: 'Other risky software',
}

/** What was found, in words. */
export function verdictLabel(verdict: ThreatVerdict): string {
  return verdictLabels[verdict]
}

/** File name and folder of a path, with the members of archives: "test.zip › eicar.com". */
export function objectName(detection: Pick<Detection, 'path' | 'findings'>): {
  readonly name: string
  readonly folder: string
} {
  const { text } = detection.path
  const cut = lastSeparator(text)
  const members = detection.findings[0]?.member ?? []
  const name = [text.slice(cut + 1), ...members].join(' › ')
  const folder = cut < 0 ? '' : text.slice(0, cut)
  return { name, folder: folder === '' || /^[A-Za-z]:$/.test(folder) ? text.slice(0, cut + 1) : folder }
}
