// What may be done with a detected object and how it can end. Owns the closed sets; the engine acts, the client decides.
import { z } from 'zod'
import { errorCodes } from '../errors.ts'
import { FilePath } from './file-path.ts'
import { DetectionId, QuarantineId } from './ids.ts'
import { DetectedObject } from './object-report.ts'
import { BigDecimal, ShortText, Timestamp } from './primitives.ts'

/**
 * What to do with exactly the findings of an order; a copy goes to Quarantine first, always.
 * Automatic: `cure-only` removes what is bad and keeps the rest, else leaves the file. `disinfect` does the same and deletes
 * malware and documents that cannot be cured. `delete-malware` only deletes those. `disinfect-with-archives` and
 * `delete-with-archives` do the same, and delete an archive that is not cured, whatever else is in it.
 * Malware: a finding in the file itself, or in every leaf of a container that was looked at completely.
 * Asked for by a person: `disinfect-or-delete` cures, else deletes the file whatever else is in it, but never a mailbox; `delete`
 * deletes it; `copy-to-quarantine` leaves the original.
 */
export const TreatmentVerb = z.enum([
  'cure-only',
  'disinfect',
  'delete-malware',
  'disinfect-with-archives',
  'delete-with-archives',
  'disinfect-or-delete',
  'delete',
  'copy-to-quarantine',
])
export type TreatmentVerb = z.infer<typeof TreatmentVerb>

const askedFor: ReadonlySet<string> = new Set(['disinfect-or-delete', 'delete', 'copy-to-quarantine'])

/** True when nobody asked for this very act: the settings decided. */
export function isAutomatic(verb: TreatmentVerb): boolean {
  return !askedFor.has(verb)
}

/** Who asked for a scan or an act. `account` is the address of the owner who asked from the portal. */
export const Origin = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('local') }),
  z.strictObject({ kind: z.literal('real-time') }),
  z.strictObject({ kind: z.literal('schedule') }),
  z.strictObject({ kind: z.literal('restart') }),
  z.strictObject({ kind: z.literal('remote'), commandId: z.uuid(), account: ShortText }),
])
export type Origin = z.infer<typeof Origin>

/**
 * An order of the client to the engine. The same `detectionId` given twice is carried out once. `object.findings` are those
 * that justify the act, which may be fewer than were found: suspicious or excluded ones are none of an automatic act's business.
 */
export const TreatmentOrder = z.strictObject({
  detectionId: DetectionId,
  object: DetectedObject,
  verb: TreatmentVerb,
  origin: Origin,
  databaseVersion: ShortText,
  /**
   * A person at the computer agreed to lose it where no copy can be kept: only with `delete` and origin `local`, never an
   * automatic act. Where a copy can be kept, one is.
   */
  withoutCopy: z.literal(true).optional(),
  /** A person at the computer agreed to keep a copy of more than Quarantine keeps unasked: only with origin `local`. */
  largeCopy: z.literal(true).optional(),
})
export type TreatmentOrder = z.infer<typeof TreatmentOrder>

export const FailureCode = z.enum(errorCodes)

/** Why a process of a plan is named and not ended. */
export const WhyNotEnded = z.enum([
  /** It has the file mapped or open, and does not run it. */
  'only-holds',
  /** Our own process, or one that we descend from. */
  'own-line',
  /** The first process. */
  'system',
  /** It belongs to another user, and we are not the administrator. */
  'not-ours',
  /** A thread of the kernel. */
  'kernel',
  /** It waits for a device: no signal reaches it. */
  'stuck',
  /** The session of the person at the computer would end with it. */
  'session',
])
export type WhyNotEnded = z.infer<typeof WhyNotEnded>

/**
 * A process of a plan. `runs`: it is part of the malware: it runs the file, as its program or as its script, or was started by
 * one that does. `path`: its program. `startTime`: field 22 of /proc/PID/stat, in clock ticks since the boot.
 */
export const ActiveProcess = z.strictObject({
  pid: z.number().int().positive(),
  startTime: BigDecimal,
  name: ShortText,
  user: ShortText,
  path: FilePath,
  runs: z.boolean(),
  willEnd: z.boolean(),
  why: WhyNotEnded.optional(),
})
export type ActiveProcess = z.infer<typeof ActiveProcess>

/** What starts programs by itself: which mechanism an entry belongs to. */
export const AutostartKind = z.enum([
  'systemd',
  'cron',
  'at',
  'desktop',
  'shell',
  'preload',
  'environment',
  'udev',
  'rc-local',
  'init',
  /** Kernel modules that are loaded at every start. */
  'module',
])
export type AutostartKind = z.infer<typeof AutostartKind>

/** An entry that starts the file by itself. `entry`: what it says there, for people. `why`: it is found and will be left. */
export const AutostartEntry = z.strictObject({
  kind: AutostartKind,
  file: FilePath,
  entry: ShortText,
  why: z.enum(['no-permission', 'package-file']).optional(),
})
export type AutostartEntry = z.infer<typeof AutostartEntry>

/** Everything that is treated together with an object that is active: nothing of it was changed yet. */
export const ActivePlan = z.strictObject({
  processes: z.array(ActiveProcess).max(200),
  autostart: z.array(AutostartEntry).max(200),
  files: z.array(z.strictObject({ path: FilePath, threat: ShortText })).max(20),
})
export type ActivePlan = z.infer<typeof ActivePlan>

const ActTexts = z.array(ShortText).max(20)

/** What was done besides the file, as `name (pid)` and as the entry's place; for people to read. */
export const TreatmentActs = z.strictObject({
  ended: ActTexts,
  autostartRemoved: ActTexts,
  /** Entries that point at the file and could not be removed. */
  autostartLeft: ActTexts.optional(),
})
export type TreatmentActs = z.infer<typeof TreatmentActs>

/** Absent: nothing besides the file, or an outcome of an earlier version. */
const acts = { acts: TreatmentActs.optional() }

/** Why the guard of system files left an object alone. */
export const ProtectedReason = z.enum([
  /** `/proc`, `/sys`, `/dev`: no files. */
  'system-folder',
  'kernel',
  /** The boot loader, its settings, the images that the machine starts from. */
  'boot',
  /** The C library or the program loader. */
  'system-library',
  /** Without it the machine does not start, or nobody can sign in. */
  'essential',
  'own-installation',
  'own-data',
  /** Exactly as a package of the system brought it. */
  'package-file',
])
export type ProtectedReason = z.infer<typeof ProtectedReason>

/** What keeps an object until the computer is restarted: its code runs or is mapped, or the system itself holds the file. */
export const RestartReason = z.enum(['running', 'mapped', 'mounted', 'swap', 'module', 'preload', 'boot'])
export type RestartReason = z.infer<typeof RestartReason>

/** What a cured file does not have as the original had it. `privileges`: it no longer runs with the rights of another user. */
export const UnkeptProperty = z.enum(['group', 'access-list', 'attributes', 'security-label', 'privileges'])
export type UnkeptProperty = z.infer<typeof UnkeptProperty>

/** How an order ended. A copy is named by `quarantineId` wherever one was made. */
export const TreatmentOutcome = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('disinfected'),
    quarantineId: QuarantineId,
    ...acts,
    /** Absent: nothing, or an outcome of an earlier version. */
    unkept: z.array(UnkeptProperty).max(10).optional(),
  }),
  z.strictObject({
    status: z.literal('deleted'),
    /** Absent: a person agreed to delete it without a copy. */
    quarantineId: QuarantineId.optional(),
    otherLinks: z.number().int().nonnegative(),
    ...acts,
    /** Those of the other names (hard links) that were found: the content is still there under them. */
    otherNames: z.array(FilePath).max(10).optional(),
  }),
  z.strictObject({ status: z.literal('quarantined'), quarantineId: QuarantineId }),
  /** The file is dealt with, but its code goes on running in `holder` and cannot be ended. */
  z.strictObject({
    status: z.literal('at-restart'),
    quarantineId: QuarantineId.optional(),
    holder: ShortText,
    /** Absent in outcomes of earlier versions, and where nobody knows. */
    reason: RestartReason.optional(),
    canElevate: z.boolean().optional(),
    ...acts,
  }),
  /** Left untouched, because what was ordered would take good content along. */
  z.strictObject({ status: z.literal('kept'), code: FailureCode }),
  z.strictObject({ status: z.literal('gone') }),
  /** Not the object that was scanned any more: left untouched, scan again. */
  z.strictObject({ status: z.literal('changed') }),
  /** The guard of system files refused. */
  z.strictObject({ status: z.literal('protected'), reason: ShortText }),
  z.strictObject({ status: z.literal('backup-failed'), code: FailureCode }),
  z.strictObject({
    status: z.literal('failed'),
    code: FailureCode,
    quarantineId: QuarantineId.optional(),
    /** True: a person at the computer can continue as administrator, now. */
    canElevate: z.boolean().optional(),
    ...acts,
  }),
])
export type TreatmentOutcome = z.infer<typeof TreatmentOutcome>

/** A deferred treatment as it was replayed after a restart. */
export const PendingResult = z.strictObject({
  detectionId: DetectionId,
  outcome: TreatmentOutcome,
  attempts: z.number().int().nonnegative(),
})
export type PendingResult = z.infer<typeof PendingResult>

/** What a copy is one of, where it is not the detected object: what a cure made of it, or an entry that started it. */
export const CopyOf = z.enum(['cured', 'entry'])
export type CopyOf = z.infer<typeof CopyOf>

/** With the databases of that moment nothing was found in it any more. `answered`: a person said to keep it. */
export const FalseAlarm = z.strictObject({ at: Timestamp, answered: z.boolean() })
export type FalseAlarm = z.infer<typeof FalseAlarm>

/** Why a copy cannot be restored now. */
export const CopyCondition = z.enum(['at-restart', 'damaged', 'key-lost'])
export type CopyCondition = z.infer<typeof CopyCondition>

/** One copy in Quarantine, without any secret. */
export const QuarantineItem = z.strictObject({
  id: QuarantineId,
  detectionId: DetectionId,
  originalPath: z.strictObject({ text: z.string().max(20_000), bytes: z.base64().max(24_000).optional() }),
  threat: ShortText,
  sizeBytes: z.number().int().nonnegative(),
  storedAt: Timestamp,
  expiresAt: Timestamp,
  origin: Origin,
  /** True when nothing of `condition` stands in the way. */
  restorable: z.boolean(),
  condition: CopyCondition.optional(),
  copyOf: CopyOf.optional(),
  falseAlarm: FalseAlarm.optional(),
})
export type QuarantineItem = z.infer<typeof QuarantineItem>

/** All copies together. `storeBytes`: room they take; `sizeBytes`: size of the originals. */
export const QuarantineSummary = z.strictObject({
  count: z.number().int().nonnegative(),
  sizeBytes: z.number().int().nonnegative(),
  storeBytes: z.number().int().nonnegative(),
  limitBytes: z.number().int().nonnegative(),
  /** Copies in which nothing is found any more, about which nobody said anything yet. */
  falseAlarms: z.number().int().nonnegative(),
})
export type QuarantineSummary = z.infer<typeof QuarantineSummary>

/** What a restored file does not have any more of what its original had. */
export const RestoreLoss = z.enum([
  'owner',
  'group',
  'mode',
  'special-mode',
  'run',
  'attributes',
  'acl',
  'times',
  'links',
  'other-names',
])
export type RestoreLoss = z.infer<typeof RestoreLoss>

/** Autostart entries that were removed with an object: those that are back with it, and why others are not. */
export const GivenEntries = z.strictObject({
  restored: ActTexts,
  left: z.array(z.strictObject({ entry: ShortText, code: FailureCode })).max(20),
})
export type GivenEntries = z.infer<typeof GivenEntries>
