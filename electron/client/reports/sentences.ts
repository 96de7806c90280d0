// The sentences of the history: a title that states a fact, and at most two sentences of detail. English; pure.

import { brand } from '#shared/brand.ts'
import type { AccountTopic } from '#shared/domain/app-state.ts'
import {
  excludedText,
  gapReasonsText,
  isAnythingLeftOut,
  leftOutOf,
  leftOutParts,
} from '#shared/domain/left-out-text.ts'
import { fileName } from '#shared/domain/path-text.ts'
import type { FinishedScan, ScanType } from '#shared/domain/scan.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { CopyRescanned } from '../detections/copy-rescan.ts'
import type { HistorySentence } from './history.ts'

const number = (value: number) => value.toLocaleString('en')

/** "1 object", "2 objects". */
function plural(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`
}

const scanNames: Record<ScanType, string> = { quick: 'Quick Scan', full: 'Full Scan', custom: 'Custom Scan' }

function scanName(type: ScanType): string {
  return scanNames[type]
}

/** "3 min 12 s". */
function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor((seconds % 3600) / 60)
  if (hours > 0) return `${hours} h ${minutes} min`
  if (minutes === 0) return `${seconds} s`
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
}

/** "12 days", rounded down to the largest unit. */
export function ageText(ms: number): string {
  const days = Math.floor(ms / 86_400_000)
  if (days > 0) return plural(days, 'day', 'days')
  return plural(Math.max(1, Math.floor(ms / 3_600_000)), 'hour', 'hours')
}

function whoAsked(origin: Origin): string {
  return origin.kind === 'remote' ? ` remotely by ${origin.account}` : ''
}

export function scanStarted(type: ScanType, origin: Origin): HistorySentence {
  return {
    component: 'scan',
    grade: 'information',
    title: `${scanName(type)} started`,
    detail: `Started${whoAsked(origin) || ' by you'}.`,
  }
}

export function scanFinished(scan: FinishedScan): HistorySentence {
  const component = 'scan'
  const name = scanName(scan.type)
  const files = plural(scan.counters.files, 'file', 'files')
  const seen = `${files} in ${durationText(Date.parse(scan.finishedAt) - Date.parse(scan.startedAt))}.`
  switch (scan.outcome) {
    case 'completed':
      return completed(scan, `${name} finished`, seen)
    case 'stopped': {
      const where = scan.stoppedBy === 'portal' ? `from ${brand.portal}` : 'on the device'
      const detail = `${seen}${foundText(scan)}${leftOutCounts(scan)}${leftOutReasons(scan)}`
      return { component, grade: 'important', title: `${name} stopped ${where}`, detail }
    }
    case 'failed':
      return {
        component,
        grade: 'critical',
        title: `${name} failed`,
        detail: `The scanner engine stopped. ${seen}${leftOutCounts(scan)}${leftOutReasons(scan)}`,
      }
    case 'interrupted':
      return { component, grade: 'important', title: `${name} was interrupted`, detail: 'The app ended while it ran.' }
  }
}

/** Good only when nothing was left out: "nothing found" is not all there is to say then. */
function completed(scan: FinishedScan, title: string, seen: string): HistorySentence {
  const { found, failed, kept, atRestart } = scan.totals
  const leftOut = leftOutOf(scan)
  const outcome = found === 0 ? 'nothing found' : `${plural(found, 'object', 'objects')} found`
  const grade = failed + kept + atRestart > 0 ? 'critical' : isAnythingLeftOut(leftOut) ? 'information' : 'good'
  return {
    component: 'scan',
    grade,
    title: [title, outcome, ...leftOutParts({ ...leftOut, excluded: 0 })].join(', '),
    detail: `${seen}${foundText(scan)}${leftOutReasons(scan)}`,
  }
}

/** Where the title does not tell them. */
function leftOutCounts(scan: FinishedScan): string {
  const parts = leftOutParts({ ...leftOutOf(scan), excluded: 0 })
  return parts.length > 0 ? ` ${parts.join(', ')}.` : ''
}

function leftOutReasons({ gapReasons, counters }: FinishedScan): string {
  const reasons = gapReasonsText(gapReasons)
  return [
    reasons === '' ? '' : ` Left out: ${reasons}.`,
    counters.excluded === 0 ? '' : ` ${excludedText(counters.excluded)}.`,
  ].join('')
}

function foundText({ totals }: FinishedScan): string {
  const parts = [
    totals.disinfected > 0 ? `${number(totals.disinfected)} disinfected` : '',
    totals.deleted > 0 ? `${number(totals.deleted)} deleted, copies kept` : '',
    totals.kept > 0 ? `${number(totals.kept)} kept for review` : '',
    totals.atRestart > 0 ? `${number(totals.atRestart)} will be finished on restart` : '',
    totals.failed > 0 ? `${number(totals.failed)} could not be treated` : '',
  ].filter(Boolean)
  return parts.length > 0 ? ` ${parts.join(', ')}.` : ''
}

/** Quarantine was looked at again with new databases. */
export function copiesRescanned({ looked, cleared }: CopyRescanned): HistorySentence {
  const names = cleared.slice(0, 5).map(({ originalPath }) => fileName(originalPath.text))
  const more = cleared.length > names.length ? ` and ${number(cleared.length - names.length)} more` : ''
  return {
    component: 'quarantine',
    grade: cleared.length > 0 ? 'important' : 'information',
    title: `Quarantine checked with new databases, ${plural(looked, 'object', 'objects')}`,
    detail:
      cleared.length === 0
        ? 'All of them are still detected, or nothing can be said about them.'
        : `No longer detected: ${names.join(', ')}${more}. They can be restored from Quarantine.`,
  }
}

export function accountChanged(account: AccountTopic): HistorySentence {
  const component = 'account'
  switch (account.status) {
    case 'signed-out':
      return {
        component,
        grade: 'information',
        title: `Disconnected from ${brand.portal}`,
        detail: 'Protection on this computer goes on unchanged.',
      }
    case 'connected':
      return {
        component,
        grade: 'good',
        title: `Connected to ${brand.portal}`,
        detail: `${account.email} can manage this computer as ${account.deviceName}.`,
      }
    case 'disconnected':
      return {
        component,
        grade: 'important',
        title: `Disconnected from ${brand.portal}`,
        detail: reasonTexts[account.reason],
      }
  }
}

const reasonTexts: Record<Extract<AccountTopic, { status: 'disconnected' }>['reason'], string> = {
  'password-reset': 'The password of the account was reset. Sign in again to manage this computer remotely.',
  'device-removed': `This computer was disconnected in ${brand.portal}.`,
  'account-deleted': 'The account was deleted.',
  'cloned-device': 'Another computer connected with the key of this one.',
}
