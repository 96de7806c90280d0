// The words for what a scan left out: not scanned, scanned in part, and matches with excluded names. Once, so that app,
// portal, history and command line say the same. English; numbers are written by the caller's `number`.
import type { FinishedScan, GapCount, NotScannedView, ScanCounters } from './scan.ts'
import type { NotScannedReason } from './verdict.ts'

/** What a scan left out, in numbers. */
export interface LeftOut {
  /** Nothing of it was looked at. */
  readonly notAtAll: number
  readonly inPart: number
  /** Matches that are not reported because their names are excluded. */
  readonly excluded: number
}

type WriteNumber = (value: number) => string

const inEnglish: WriteNumber = (value) => value.toLocaleString('en')

/** Of a scan that ended. */
export function leftOutOf({ counters, gapReasons }: Pick<FinishedScan, 'counters' | 'gapReasons'>): LeftOut {
  return leftOut(counters, partialOf(gapReasons))
}

/** `inPart`: of `notScanned`, where a part was looked at. */
export function leftOut(
  { notScanned, excluded }: Pick<ScanCounters, 'notScanned' | 'excluded'>,
  inPart: number,
): LeftOut {
  return { notAtAll: Math.max(0, notScanned - inPart), inPart, excluded }
}

/** How much was looked at in part. */
export function partialOf(reasons: readonly Pick<GapCount, 'partial'>[]): number {
  return reasons.reduce((sum, { partial }) => sum + partial, 0)
}

export function isAnythingLeftOut({ notAtAll, inPart, excluded }: LeftOut): boolean {
  return notAtAll + inPart + excluded > 0
}

/** "1 not scanned", "2 scanned in part", "3 matches left out": what there is of them. */
export function leftOutParts({ notAtAll, inPart, excluded }: LeftOut, number = inEnglish): string[] {
  return [
    notAtAll > 0 ? `${number(notAtAll)} not scanned` : '',
    inPart > 0 ? `${number(inPart)} scanned in part` : '',
    excluded > 0 ? `${number(excluded)} ${excluded === 1 ? 'match' : 'matches'} left out` : '',
  ].filter(Boolean)
}

/** "3 matches left out because their names are excluded". */
export function excludedText(count: number, number = inEnglish): string {
  return count === 1
    ? '1 match left out because its name is excluded'
    : `${number(count)} matches left out because their names are excluded`
}

const reasonWords: Record<NotScannedReason, string> = {
  encrypted: 'password-protected',
  corrupt: 'damaged',
  unsupported: 'format not supported',
  'too-big': 'too big',
  bomb: 'unpacks to too much data',
  recursion: 'too deeply nested',
  'member-count': 'too many files inside',
  'time-limit': 'took too long',
  overlapping: 'parts overlap',
  packer: 'packed with an unknown packer',
  'no-access': 'no access',
  vanished: 'no longer there',
  changed: 'changed while it was read',
  'special-file': 'special file',
  'io-error': 'disk error',
  'engine-crash': 'the scanner engine stopped on it',
  'engine-timeout': 'the scanner engine did not answer in time',
  'rules-unavailable': 'rules could not be loaded',
  split: 'only one part of a split archive',
  truncated: 'ends too early',
  'not-opened': 'archive, opened by scans only',
  network: 'network folder, scanned only when it is chosen itself',
  'second-engine': 'not wholly checked by the second engine',
}

/** "Not scanned: REASON" or "Scanned in part: REASON"; "File protection" before it where that left it out. */
export function gapText({ reason, partial, by }: Pick<NotScannedView, 'reason' | 'partial' | 'by'>): string {
  const text = `${partial ? 'Scanned in part' : 'Not scanned'}: ${reasonWords[reason]}`
  return by === undefined ? text : `File protection · ${text}`
}

/** The reason alone, after a colon. */
export function gapReasonText(reason: NotScannedReason): string {
  return reasonWords[reason]
}

const namedReasons = 3

/** "password-protected (3), too big (1), other reasons (2)"; nothing where nothing was left out. `reasons`: most first. */
export function gapReasonsText(reasons: readonly Pick<GapCount, 'reason' | 'count'>[], number = inEnglish): string {
  const named = reasons.slice(0, namedReasons).map(({ reason, count }) => `${reasonWords[reason]} (${number(count)})`)
  const rest = reasons.slice(namedReasons).reduce((sum, { count }) => sum + count, 0)
  return [...named, ...(rest === 0 ? [] : [`other reasons (${number(rest)})`])].join(', ')
}
