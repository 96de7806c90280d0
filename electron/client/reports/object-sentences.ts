// The sentences of the history about acts on detected objects and their copies: what was done, why not, and who asked for it.
// English; pure.
import { brand } from '#shared/brand.ts'
import { noCopyReason } from '#shared/domain/copy-text.ts'
import type { Detection, DetectionAction, DetectionStep } from '#shared/domain/detection.ts'
import type { FilePath } from '#shared/domain/file-path.ts'
import { fileName } from '#shared/domain/path-text.ts'
import type { Origin } from '#shared/domain/treatment.ts'
import type { ActedOnMany } from '../treatment/acting.ts'
import type { HistorySentence } from './history.ts'
import { reasonWords } from './reason-words.ts'

const number = (value: number) => value.toLocaleString('en')
const plural = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`

/** "Asked for by you.", "Asked for from My Kaspersky by anna@…." */
export function askedSentence(by: Origin): string {
  switch (by.kind) {
    case 'remote':
      return `Asked for from ${brand.portal} by ${by.account}.`
    case 'restart':
      return 'Done after the restart.'
    case 'local':
      return 'Asked for by you.'
    case 'schedule':
    case 'real-time':
      return 'Done automatically.'
  }
}

const scanNames: Record<Exclude<Detection['scanType'], 'real-time'>, string> = {
  quick: 'a Quick Scan',
  full: 'a Full Scan',
  custom: 'a Custom Scan',
  rescan: 'a second look',
}

/** Nobody asked for it, and no scan did it. */
function isByFileProtection({ by, automatic, scanType }: DetectionStep): boolean {
  if (by.kind === 'restart' || automatic !== true) return false
  return by.kind === 'real-time' || scanType === undefined || scanType === 'real-time'
}

/** Who asked for the last thing that happened, or in what it was done by itself. */
function whoSentence(step: DetectionStep): string {
  const { by, automatic, scanType } = step
  if (isByFileProtection(step)) return 'Done automatically by File protection.'
  if (by.kind === 'restart' || automatic !== true || scanType === undefined || scanType === 'real-time')
    return askedSentence(by)
  const started =
    by.kind === 'remote'
      ? `started from ${brand.portal} by ${by.account}`
      : by.kind === 'schedule'
        ? 'started by schedule'
        : 'started by you'
  return `Done automatically, in ${scanNames[scanType]} ${started}.`
}

/** How an act on an object ended, and who asked for it. */
export function treated(detection: Detection): HistorySentence {
  const last = detection.history.at(-1)
  const { grade, title, why } = ended(detection, last?.event)
  const note = why === undefined && last?.note ? sentence(last.note) : ''
  const parts = [
    `${detection.threat} in ${detection.path.text}.`,
    why === undefined ? '' : sentence(why),
    note,
    last ? whoSentence(last) : '',
  ]
  return { component: componentOf(detection), grade, title, detail: parts.filter(Boolean).join(' ') }
}

/** What puts a copy back belongs to Quarantine, what nobody asked for to what found it. */
function componentOf({ state, history }: Detection): HistorySentence['component'] {
  const last = history.at(-1)
  if (last?.event === 'not-restored' || state === 'restored') return 'quarantine'
  return last !== undefined && isByFileProtection(last) ? 'file-protection' : 'objects'
}

/** `why`: told in the place of the last step's note. */
type Ended = Pick<HistorySentence, 'grade' | 'title'> & { readonly why?: string }

function ended(detection: Detection, event: DetectionStep['event']): Ended {
  const name = fileName(detection.path.text)
  if (event === 'not-restored') return { grade: 'important', title: `${name} not restored`, why: reasonOf(detection) }
  switch (detection.state) {
    case 'disinfected':
      return { grade: 'good', title: `${name} disinfected, copy kept` }
    case 'deleted':
      return detection.quarantineId === undefined
        ? { grade: 'important', title: `${name} deleted without a copy` }
        : { grade: 'good', title: `${name} deleted, copy kept` }
    case 'quarantined':
      return { grade: 'good', title: `${name} copied to Quarantine` }
    case 'restored':
      return { grade: 'important', title: `${name} restored from Quarantine` }
    case 'gone':
      return { grade: 'good', title: `${name} is gone` }
    case 'skipped':
      return { grade: 'important', title: `${name} skipped` }
    case 'at-restart':
      return { grade: 'important', title: `${name} will be disinfected on computer restart` }
    case 'changed':
      return { grade: 'important', title: `${name} changed since it was scanned`, why: 'It was left as it is' }
    case 'found':
      return { grade: 'important', title: `${name} needs a decision` }
    case 'kept':
      return {
        grade: 'important',
        title: `${name} was left as it is`,
        ...(detection.reason ? { why: reasonOf(detection) } : {}),
      }
    case 'protected':
    case 'backup-failed':
    case 'failed':
      return { grade: 'critical', title: `${name} could not be treated`, why: reasonOf(detection) }
  }
}

function reasonOf({ state, reason }: Pick<Detection, 'state' | 'reason'>): string {
  return `Reason: ${state === 'backup-failed' ? noCopyReason(reason) : reasonWords(reason)}`
}

/** "Process sh (12) ended." */
function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, '')}.`
}

const actionNames: Record<DetectionAction, string> = {
  process: 'Process',
  disinfect: 'Disinfect',
  delete: 'Delete',
  'copy-to-quarantine': 'Copy to quarantine',
  skip: 'Skip',
  restore: 'Restore',
  'restore-and-exclude': 'Restore and exclude',
}

/** "Delete 3 objects". */
export function actTitle(action: DetectionAction, count: number): string {
  return `${actionNames[action]} ${plural(count, 'object', 'objects')}`
}

const doneNames: Record<DetectionAction, string> = {
  process: 'processed',
  disinfect: 'disinfected or deleted',
  delete: 'deleted',
  'copy-to-quarantine': 'copied to Quarantine',
  skip: 'skipped',
  restore: 'restored from Quarantine',
  'restore-and-exclude': 'restored from Quarantine and excluded',
}
const alwaysImportant: ReadonlySet<DetectionAction> = new Set(['skip', 'restore', 'restore-and-exclude'])

/** The sum of one act on many objects; each of them has its own history. */
export function actedOnMany({ action, origin, withoutCopy, total, result }: ActedOnMany): HistorySentence {
  const { done, failed, needRestart, reason } = result
  const left = total - done - failed - needRestart
  const parts = [
    ...(done > 0 ? [`${number(done)} done`] : []),
    ...(failed > 0 ? [`${number(failed)} failed${reason ? `, the first because ${reasonWords(reason)}` : ''}`] : []),
    ...(needRestart > 0 ? [`${number(needRestart)} will be finished on restart`] : []),
    ...(left > 0 ? [`${number(left)} not begun, because it was stopped`] : []),
  ]
  const isImportant = needRestart + left > 0 || withoutCopy || alwaysImportant.has(action)
  const count =
    done === total ? plural(total, 'object', 'objects') : `${number(done)} of ${plural(total, 'object', 'objects')}`
  return {
    component: action === 'restore' || action === 'restore-and-exclude' ? 'quarantine' : 'objects',
    grade: failed > 0 ? 'critical' : isImportant ? 'important' : 'good',
    title: `${count} ${doneNames[action]}${withoutCopy ? ' without a copy' : ''}`,
    detail: `${parts.join('; ')}. ${askedSentence(origin)}`,
  }
}

/** More objects were treated by themselves in a short time than are named one by one. */
export function moreTreated(count: number): HistorySentence {
  return {
    component: 'objects',
    grade: 'information',
    title: `${plural(count, 'more object', 'more objects')} treated`,
    detail: 'What was done to each is in Detected objects.',
  }
}

/** A person restored and excluded it. */
export function allowedFromNow(path: FilePath, by: Origin): HistorySentence {
  return {
    component: 'quarantine',
    grade: 'important',
    title: `${fileName(path.text)} is excluded from now on`,
    detail: `${path.text} was restored and added to the exclusions. Scans do not report this content any more. ${askedSentence(by)}`,
  }
}

export interface CopiesDeleted {
  readonly deleted: number
  /** Those that stayed, because a treatment waits for a restart. */
  readonly held: number
  /** Of the first of those that were asked for. */
  readonly names: readonly string[]
  readonly by: Origin
}

/** Copies went for good, as a person asked. */
export function copiesDeleted({ deleted, held, names, by }: CopiesDeleted): HistorySentence {
  const more = deleted + held - names.length
  const list = names.length === 0 ? '' : `${names.join(', ')}${more > 0 ? ` and ${number(more)} more` : ''}. `
  const stayed = held > 0 ? `${plural(held, 'copy', 'copies')} stayed: a treatment waits for a restart. ` : ''
  const cannot = `${deleted === 1 ? 'It' : 'They'} cannot be restored any more.`
  return {
    component: 'quarantine',
    grade: 'important',
    title: `${plural(deleted, 'copy', 'copies')} in Quarantine deleted for good`,
    detail: `${list}${stayed}${cannot} ${askedSentence(by)}`,
  }
}
