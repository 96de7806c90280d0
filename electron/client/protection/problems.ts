// The security problems of this computer: one pure function from what is known to the list that app and portal show.
// Owns which facts are a problem, how grave, and since when. Never looks anything up.
import type { QuarantineTopic } from '#shared/domain/app-state.ts'
import { type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import { fileName } from '#shared/domain/path-text.ts'
import { canIgnore, type Problem, type ProblemGrade } from '#shared/domain/problem.ts'
import { shortenedName } from '#shared/domain/shortened.ts'
import { ageText } from '../reports/sentences.ts'

export interface ProtectionFacts {
  readonly now: number
  readonly installedAt: string
  readonly detections: readonly Detection[]
  readonly falseAlarms: QuarantineTopic['falseAlarms']
  readonly databases: { readonly source: 'seed' | 'update' | 'folder'; readonly releasedAt: string } | null
  /** End of the last completed scan of any type. */
  readonly lastScanAt: string | null
  /** Since when the engine does not run; null while it does or is being started. */
  readonly engineFailedAt: string | null
  readonly weakSecretsSince: string | null
  /** Since when changed files are not checked; null while they are. */
  readonly fileProtectionOffSince: string | null
  /** Since when changes of some folders are noticed late. */
  readonly fileProtectionIncompleteSince: string | null
  /** Since when ClamAV is to be asked and does not answer. */
  readonly secondEngineSilentSince: string | null
  readonly damagedFiles: readonly { readonly file: string; readonly at: string }[]
  readonly ignored: readonly string[]
}

const daysUntilOutdated = 3
const daysUntilExtremelyOutdated = 7
const daysUntilScanIsDue = 14
const dayMs = 86_400_000

type Draft = Omit<Problem, 'ignored' | 'key'> & { readonly key?: string }

const gradeOrder: Record<ProblemGrade, number> = { critical: 0, important: 1, information: 2 }

/** Worst first, then the oldest. */
export function deriveProblems(facts: ProtectionFacts): Problem[] {
  const drafts = [
    ...objectProblems(facts.detections),
    ...falseAlarmProblems(facts),
    ...databaseProblems(facts),
    ...scanProblems(facts),
    ...fileProtectionProblems(facts),
    ...systemProblems(facts),
  ]
  return drafts
    .map((draft): Problem => {
      const key = draft.key ?? draft.kind
      return { ...draft, key, ignored: canIgnore(draft) && facts.ignored.includes(key) }
    })
    .sort(
      (a, b) =>
        gradeOrder[a.grade] - gradeOrder[b.grade] || a.since.localeCompare(b.since) || a.key.localeCompare(b.key),
    )
    .slice(0, 100)
}

const failedStates: ReadonlySet<Detection['state']> = new Set(['failed', 'protected'])

/** No restart and no further try will finish it. */
function needsPerson({ reason }: Detection): boolean {
  return reason === 'needs-manual-removal' || reason === 'boot-image-old'
}

function objectProblems(detections: readonly Detection[]): Draft[] {
  const open = detections.filter(({ state }) => isUnprocessed(state))
  const manual = open.filter(needsPerson)
  const failed = open.filter((one) => failedStates.has(one.state) && !needsPerson(one))
  const undecided = open.filter(({ state }) => !failedStates.has(state) && state !== 'backup-failed')
  const waiting = detections.filter(({ state }) => state === 'at-restart')
  return [
    ...aboutObjects('active-threats', undecided, { grade: threatGrade(undecided), fix: 'process-objects' }),
    ...withoutCopy(open.filter(({ state }) => state === 'backup-failed')),
    ...cleanUpFailed(failed),
    ...aboutObjects('manual-removal', manual, { grade: 'critical', fix: null }),
    ...aboutObjects('restart-required', waiting, { grade: 'critical', fix: 'restart' }).map((draft) => ({
      ...draft,
      values: { ...draft.values, holder: holdersOf(waiting) },
    })),
  ]
}

/** What the system needs is not treated by trying again: the person has to look whether it is a false alarm. */
function cleanUpFailed(detections: readonly Detection[]): Draft[] {
  const isAllProtected = detections.every(({ state }) => state === 'protected')
  const fix = isAllProtected ? null : 'process-objects'
  return aboutObjects('clean-up-failed', detections, { grade: 'critical', fix }).map((draft) => ({
    ...draft,
    values: { ...draft.values, ...(isAllProtected ? { reason: 'object-protected' } : {}) },
  }))
}

/** Untouched, because they could not be undone. What is too large stays so: only a person at the computer can decide. */
function withoutCopy(detections: readonly Detection[]): Draft[] {
  const reasons = [...new Set(detections.map(({ reason }) => reason ?? ''))]
  const fix = reasons.every((reason) => reason === 'too-large') ? null : 'process-objects'
  return aboutObjects('backup-failed', detections, { grade: 'critical', fix }).map((draft) => ({
    ...draft,
    values: { ...draft.values, reason: reasons.length === 1 ? (reasons[0] ?? '') : '' },
  }))
}

/** Risky but legitimate software alone asks for a look; anything else is a threat. */
function threatGrade(detections: readonly Detection[]): ProblemGrade {
  return detections.every(({ verdict }) => verdict === 'risky') ? 'important' : 'critical'
}

function aboutObjects(
  kind: Problem['kind'],
  detections: readonly Detection[],
  how: Pick<Problem, 'grade' | 'fix'>,
): Draft[] {
  const since = detections.map(({ changedAt }) => changedAt).sort()[0]
  if (since === undefined) return []
  return [{ kind, ...how, values: { names: namesOf(detections) }, count: detections.length, since }]
}

function namesOf(detections: readonly Detection[]): string {
  return sentenceOf(
    detections.slice(0, shownNames).map(({ path }) => path.text),
    detections.length,
  )
}

const shownNames = 3

/** Up to three names, as a sentence: "a.exe, b.js and 3 more." */
function sentenceOf(paths: readonly string[], count: number): string {
  const names = paths.slice(0, shownNames).map((path) => shortenedName(fileName(path), 60))
  const more = count - names.length
  return clip(more > 0 ? `${names.join(', ')} and ${more.toLocaleString('en')} more.` : `${names.join(', ')}.`, 256)
}

function holdersOf(detections: readonly Detection[]): string {
  const holders = [...new Set(detections.map(({ holder }) => holder ?? '').filter(Boolean))]
  return clip(holders.slice(0, 3).join(', ') || 'another program', 256)
}

/** Copies in which nothing is found with new databases. It asks for a look, and the computer is no worse protected. */
function falseAlarmProblems({ falseAlarms }: ProtectionFacts): Draft[] {
  const since = falseAlarms.newest.flatMap(({ falseAlarm }) => falseAlarm?.at ?? []).sort()[0]
  if (since === undefined) return []
  const names = falseAlarms.newest.map(({ originalPath }) => originalPath.text)
  const values = { names: sentenceOf(names, falseAlarms.count) }
  return [{ kind: 'possible-false-alarm', grade: 'information', fix: null, values, count: falseAlarms.count, since }]
}

/** Databases that came with the product have no update source: one notice instead of the age problems. */
function databaseProblems({ databases, installedAt, now }: ProtectionFacts): Draft[] {
  if (!databases) return []
  const notice = { values: {}, count: 0, fix: null }
  if (databases.source === 'seed')
    return [{ ...notice, kind: 'databases-seed', grade: 'important', since: installedAt }]
  const releasedAt = Date.parse(databases.releasedAt)
  const days = (now - releasedAt) / dayMs
  const fix = databases.source === 'update' ? ('update-databases' as const) : null
  const aged = { ...notice, values: { age: ageText(now - releasedAt) }, fix }
  const sinceDay = (limit: number) => iso(releasedAt + limit * dayMs)
  if (days > daysUntilExtremelyOutdated) {
    return [
      { ...aged, kind: 'databases-extremely-outdated', grade: 'critical', since: sinceDay(daysUntilExtremelyOutdated) },
    ]
  }
  return days > daysUntilOutdated
    ? [{ ...aged, kind: 'databases-outdated', grade: 'important', since: sinceDay(daysUntilOutdated) }]
    : []
}

function scanProblems({ lastScanAt, installedAt, now }: ProtectionFacts): Draft[] {
  const notice = { grade: 'important', count: 0, fix: 'quick-scan' } as const
  if (lastScanAt === null) return [{ ...notice, kind: 'never-scanned', values: {}, since: installedAt }]
  const age = now - Date.parse(lastScanAt)
  if (age <= daysUntilScanIsDue * dayMs) return []
  const since = iso(Date.parse(lastScanAt) + daysUntilScanIsDue * dayMs)
  return [{ ...notice, kind: 'not-scanned-for-long', values: { age: ageText(age) }, since }]
}

/** On but incomplete: some folders are only listed from time to time. */
function fileProtectionProblems(facts: ProtectionFacts): Draft[] {
  const { fileProtectionOffSince: offSince, fileProtectionIncompleteSince: incompleteSince } = facts
  const notice = { count: 0, fix: null }
  if (offSince !== null) {
    const values = { name: 'File protection' }
    return [
      {
        ...notice,
        key: 'component-off:file-protection',
        kind: 'component-off',
        grade: 'critical',
        values,
        since: offSince,
      },
    ]
  }
  if (incompleteSince === null) return []
  return [{ ...notice, kind: 'file-protection-incomplete', grade: 'important', values: {}, since: incompleteSince }]
}

function systemProblems(facts: ProtectionFacts): Draft[] {
  const { engineFailedAt, weakSecretsSince, secondEngineSilentSince, damagedFiles } = facts
  const drafts: Draft[] = []
  const notice = { values: {}, count: 0, fix: null }
  if (engineFailedAt) drafts.push({ ...notice, kind: 'engine-failed', grade: 'critical', since: engineFailedAt })
  if (secondEngineSilentSince)
    drafts.push({ ...notice, kind: 'second-engine-silent', grade: 'important', since: secondEngineSilentSince })
  if (weakSecretsSince)
    drafts.push({ ...notice, kind: 'weak-secret-storage', grade: 'important', since: weakSecretsSince })
  const files = new Map(damagedFiles.map((damaged) => [damaged.file, damaged]))
  for (const { file, at } of files.values()) {
    const name = shortenedName(fileName(file), 90)
    drafts.push({
      ...notice,
      key: `storage-damaged:${name}`,
      kind: 'storage-damaged',
      grade: 'important',
      values: { file: name },
      since: at,
    })
  }
  return drafts
}

const iso = (ms: number) => new Date(ms).toISOString()
const clip = (text: string, length: number) => (text.length <= length ? text : `${text.slice(0, length - 1)}…`)
