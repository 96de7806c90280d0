// What the person at the computer is asked in windows of their own: about objects that a scan of theirs found, about an active
// infection, and about a restart (see restart.ts). Owns the state those windows show; the client decides and counts down.
import { z } from 'zod'
import { Detection, DetectionAction } from './detection.ts'
import { DetectionId } from './ids.ts'
import { Count, DurationMs, LongText, ShortText } from './primitives.ts'
import { ActiveProcess, AutostartEntry } from './treatment.ts'

export const AlertKind = z.enum(['object', 'infection', 'restart'])
export type AlertKind = z.infer<typeof AlertKind>

/** What each window is called. */
export const alertTitles: Record<AlertKind, string> = {
  object: 'Object detected',
  infection: 'Active infection found',
  restart: 'Restart asked for',
}

/** The object that is asked about now, out of those that wait. */
export const ObjectAlert = z.strictObject({
  detection: Detection,
  /** Its place among all that were asked about, from 1. */
  position: Count,
  total: Count,
  /** How many wait, this one included. */
  waiting: Count,
})
export type ObjectAlert = z.infer<typeof ObjectAlert>

/** What may be done with an object that is asked about. */
export const ObjectAlertAction = DetectionAction.extract(['disinfect', 'delete', 'copy-to-quarantine', 'skip'])
export type ObjectAlertAction = z.infer<typeof ObjectAlertAction>

/** How an active infection is treated. A restart comes after the treatment, never in its place. */
export const InfectionChoice = z.enum(['without-restart', 'with-restart'])
export type InfectionChoice = z.infer<typeof InfectionChoice>

/**
 * What the settings allow by themselves when nobody chose: `disinfect`, else delete; `cure`, else leave; `delete` without an
 * attempt to disinfect; `nothing`. What a person chooses is their own order, whatever the settings say: disinfect, else delete.
 */
export const ByItself = z.enum(['disinfect', 'cure', 'delete', 'nothing'])
export type ByItself = z.infer<typeof ByItself>

/** How long a person has to choose. */
export const infectionCountdownMs = 120_000

/** What runs, starts by itself and lies there, for display. `more`: what is not listed. */
export const PlanView = z.strictObject({
  processes: z
    .array(
      ActiveProcess.pick({ pid: true, name: true, user: true, willEnd: true, why: true }).extend({ program: LongText }),
    )
    .max(50),
  autostart: z.array(AutostartEntry.pick({ kind: true, entry: true, why: true }).extend({ file: LongText })).max(50),
  files: z.array(z.strictObject({ path: LongText, threat: ShortText })).max(50),
  more: Count,
})
export type PlanView = z.infer<typeof PlanView>

const InfectedObject = z.strictObject({ id: DetectionId, path: LongText, threat: ShortText })

const about = {
  /** The first of them; `total` is their number. */
  objects: z.array(InfectedObject).max(20),
  total: Count,
  plan: PlanView,
}

export const InfectionAlert = z.discriminatedUnion('phase', [
  z.strictObject({
    phase: z.literal('asking'),
    ...about,
    leftMs: DurationMs,
    isPaused: z.boolean(),
    /** What is chosen by itself when the time is up. */
    atZero: InfectionChoice,
    /** And what is done then. */
    byItself: ByItself,
    /** The person closed the window; the time goes on. */
    isHidden: z.boolean(),
  }),
  z.strictObject({ phase: z.literal('working'), ...about, choice: InfectionChoice }),
  z.strictObject({
    phase: z.literal('done'),
    ...about,
    choice: InfectionChoice,
    done: Count,
    /** Those of `done` that were not there any more: no copy of them was made. */
    gone: Count,
    failed: Count,
    /** Those of `failed` that nothing was to be done with, by the settings or by a person. */
    left: Count,
    needRestart: Count,
    /** `asked`: the system was asked to restart. `refused`: it did not let the app. `restarted`: it is told after the restart. */
    restart: z.enum(['none', 'asked', 'refused', 'restarted']),
  }),
])
export type InfectionAlert = z.infer<typeof InfectionAlert>

export const AlertsTopic = z.strictObject({
  object: ObjectAlert.nullable(),
  infection: InfectionAlert.nullable(),
})
export type AlertsTopic = z.infer<typeof AlertsTopic>
