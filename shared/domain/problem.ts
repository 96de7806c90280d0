// Security problems: derived from state by one pure function in the client, shown word for word the same in the app and
// on the portal. Owns kinds, grades and remote fixes. A problem has a stable key, so that it is one thing over time.
import { z } from 'zod'
import { Count, ShortText, Timestamp } from './primitives.ts'

export const ProblemKind = z.enum([
  'active-threats',
  'restart-required',
  'manual-removal',
  'clean-up-failed',
  'databases-seed',
  'databases-outdated',
  'databases-extremely-outdated',
  'component-off',
  'protection-paused',
  'never-scanned',
  'not-scanned-for-long',
  'update-failed',
  'engine-failed',
  'weak-secret-storage',
  'storage-damaged',
  'file-protection-incomplete',
  'second-engine-silent',
  'backup-failed',
  'possible-false-alarm',
])
export type ProblemKind = z.infer<typeof ProblemKind>

export const ProblemGrade = z.enum(['critical', 'important', 'information'])
export type ProblemGrade = z.infer<typeof ProblemGrade>

/** What can be done about it from the portal or the app with one click; null = only at the computer. */
export const ProblemFix = z.enum([
  'process-objects',
  'quick-scan',
  'full-scan',
  'update-databases',
  'resume-protection',
  'restart',
])
export type ProblemFix = z.infer<typeof ProblemFix>

export const Problem = z.strictObject({
  /** Stable, one per thing that is wrong: `restart-required`, `component-off:file-protection`. */
  key: z.string().min(1).max(120),
  kind: ProblemKind,
  grade: ProblemGrade,
  /** Values of the sentence, by name (object names, counts, a date). Never a secret. */
  values: z.record(z.string().max(40), ShortText),
  /** How many objects it is about; 0 where that means nothing. */
  count: Count,
  since: Timestamp,
  fix: ProblemFix.nullable(),
  /** Set only for `important` and `information`: hidden by the person, status unchanged. */
  ignored: z.boolean(),
})
export type Problem = z.infer<typeof Problem>

/** Critical ones can never be hidden (E6). */
export function canIgnore(problem: Pick<Problem, 'grade'>): boolean {
  return problem.grade !== 'critical'
}
