// What a window of the app and the protection client say to each other over Electron IPC. The window shows and asks;
// the client decides. Calls marked `confirm: 'native'` are confirmed by a native dialog owned by the main process.
import { z } from 'zod'
import { AlertKind, InfectionChoice, ObjectAlertAction } from '../domain/alerts.ts'
import { AppSettings, AppState, HistoryEvent } from '../domain/app-state.ts'
import { Detection, DetectionAction, RestoreAction } from '../domain/detection.ts'
import { FilePath } from '../domain/file-path.ts'
import { DetectionId, QuarantineId } from '../domain/ids.ts'
import { Count, Email, LongText, Sha256, Timestamp } from '../domain/primitives.ts'
import {
  HiddenReports,
  HistoryFilter,
  ReportComponent,
  ReportFormat,
  ReportSelection,
  ScanDetails,
} from '../domain/reports.ts'
import { RestartAnswer } from '../domain/restart.ts'
import { NotScannedView } from '../domain/scan.ts'
import { FailureCode, GivenEntries, QuarantineItem, RestoreLoss } from '../domain/treatment.ts'
import { AllowedContent } from '../files/allow-file.ts'
import { call, contract, event } from '../rpc/contract.ts'

const Empty = z.strictObject({})
const Paging = { offset: Count, limit: z.number().int().min(1).max(200) }

/** Result of an act on several objects. */
export const ActResult = z.strictObject({
  done: Count,
  failed: Count,
  needRestart: Count,
  /** Why the first of those that failed did. */
  reason: FailureCode.optional(),
  /** Each that failed, with its reason where one is known. */
  failures: z
    .array(z.strictObject({ id: DetectionId, reason: FailureCode.optional() }))
    .max(10_000)
    .optional(),
})
export type ActResult = z.infer<typeof ActResult>

/** Pages outside of the app that may be opened; the window sends the key, never an address. */
export const ExternalPage = z.enum(['portal', 'portal-device', 'portal-reset'])
export type ExternalPage = z.infer<typeof ExternalPage>

/** One name, not a path. */
const FileName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\p{Cc}\p{Cf}\p{Cs}]+$/u)
  .refine((name) => name !== '.' && name !== '..')

const password = z.string().min(1).max(256)

export const appContract = contract({
  calls: {
    'state.snapshot': call(Empty, AppState),
    'scan.start': call(
      z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('quick') }),
        z.strictObject({ type: z.literal('full') }),
        z.strictObject({ type: z.literal('custom'), paths: z.array(LongText.min(1)).min(1).max(100) }),
      ]),
      z.strictObject({ scanId: z.uuid() }),
    ),
    'scan.control': call(z.strictObject({ action: z.enum(['pause', 'resume', 'stop']) }), Empty),
    /** Objects of the running or last scan that were not (wholly) scanned. */
    'scan.notScanned': call(
      z.strictObject(Paging),
      z.strictObject({
        total: Count,
        objects: z.array(NotScannedView).max(200),
      }),
    ),
    'detections.list': call(
      z.strictObject({
        filter: z.enum(['to-review', 'at-restart', 'treated', 'all']),
        search: z.string().max(200),
        ...Paging,
      }),
      z.strictObject({
        total: Count,
        counts: z.strictObject({ toReview: Count, atRestart: Count, treated: Count, all: Count }),
        objects: z.array(Detection).max(200),
      }),
    ),
    'detections.act': call(
      z.strictObject({
        ids: z.array(DetectionId).min(1).max(10_000),
        action: DetectionAction.exclude(RestoreAction.options),
      }),
      ActResult,
      {
        deadlineMs: 600_000,
      },
    ),
    /** Continues with one object that an administrator is needed for; the system asks the person for the password of one. */
    'detections.elevate': call(z.strictObject({ id: DetectionId }), ActResult, { deadlineMs: 900_000 }),
    /** Undoes what was done to objects: their copies go back to where they came from. */
    'detections.restore': call(
      z.strictObject({ ids: z.array(DetectionId).min(1).max(10_000), exclude: z.boolean() }),
      ActResult,
      { deadlineMs: 600_000, confirm: 'native' },
    ),
    /** Deletes objects of which no copy can be kept; of all others nothing is done. */
    'detections.deleteWithoutCopy': call(z.strictObject({ ids: z.array(DetectionId).min(1).max(10_000) }), ActResult, {
      deadlineMs: 600_000,
      confirm: 'native',
    }),
    /** Disinfects, else deletes, objects of which only a large copy can be kept, and keeps that; of all others nothing is done. */
    'detections.keepLargeCopy': call(z.strictObject({ ids: z.array(DetectionId).min(1).max(10_000) }), ActResult, {
      deadlineMs: 900_000,
    }),
    /** Newest first. `search`: part of a path or of a threat's name. */
    'quarantine.list': call(
      z.strictObject({ search: z.string().max(200), ...Paging }),
      z.strictObject({ total: Count, items: z.array(QuarantineItem).max(200) }),
    ),
    /**
     * Errors: still-detected, target-exists, not-found (detail `folder`: it is not there any more), needs-administrator,
     * vault-damaged, vault-key-lost, and for what a cure left at the place why no copy of that could be kept.
     */
    'quarantine.restore': call(
      z.strictObject({
        id: QuarantineId,
        /** Null: where it came from. */
        targetFolder: LongText.nullable(),
        /** Null: the name it had. */
        newName: FileName.nullable(),
        /** Makes the folder that is missing. */
        makeFolder: z.boolean(),
        /** Also if it is still detected; no scan reports this content any more. */
        exclude: z.boolean(),
      }),
      z.strictObject({
        path: FilePath,
        notKept: z.array(RestoreLoss).max(20),
        /** What a cure had left there is in Quarantine now. */
        replaced: z.boolean(),
        /** Autostart entries that were removed with it. */
        entries: GivenEntries.optional(),
      }),
      { deadlineMs: 600_000, confirm: 'native' },
    ),
    /** Leaves copies that are no longer detected where they are. */
    'quarantine.keep': call(z.strictObject({ ids: z.array(QuarantineId).min(1).max(10_000) }), Empty),
    /** Deletes copies for good. */
    'quarantine.delete': call(
      z.strictObject({ ids: z.array(QuarantineId).min(1).max(10_000) }),
      /** `held`: those that stay, because a treatment waits for a restart. */
      z.strictObject({ deleted: Count, held: Count }),
      {
        deadlineMs: 600_000,
        confirm: 'native',
      },
    ),
    /** Contents that were restored and excluded; newest first. */
    'allowed.list': call(
      z.strictObject(Paging),
      z.strictObject({ total: Count, items: z.array(AllowedContent).max(200) }),
    ),
    /** They are reported and treated again from now on. */
    'allowed.remove': call(z.strictObject({ sha256s: z.array(Sha256).min(1).max(10_000) }), Empty),
    /** Everything the history keeps, newest first. `counts` and `components`: of what the other parts of the selection leave. */
    'history.list': call(
      ReportSelection.extend(Paging),
      z.strictObject({
        total: Count,
        /** Without any selection. */
        kept: Count,
        counts: z.record(HistoryFilter, Count),
        components: z.record(ReportComponent, Count),
        hidden: HiddenReports,
        events: z.array(HistoryEvent).max(200),
      }),
    ),
    /** A scan that ended, by the id of its event. Error: not-found. */
    'history.scan': call(z.strictObject({ id: z.uuid() }), ScanDetails),
    /**
     * Writes all that is selected to a file. Main asks the person where; Cancel is the failure `aborted`. Errors, after which
     * what was there is unchanged: disk-full, no-permission, read-only-volume, is-link, not-regular-file, not-found (the
     * folder), bad-path, io-error.
     */
    'history.save': call(
      ReportSelection.extend({ format: ReportFormat }),
      z.strictObject({ path: LongText, events: Count }),
      { deadlineMs: 3_600_000 },
    ),
    'problem.ignore': call(z.strictObject({ key: z.string().min(1).max(120), ignored: z.boolean() }), Empty),
    /** Main asks the person where it would delete copies from Quarantine. */
    'settings.change': call(AppSettings.partial(), Empty, { deadlineMs: 600_000 }),
    /** Errors: wrong-credentials, not-activated, slow-down, portal-unreachable, portal-error. */
    'account.signIn': call(z.strictObject({ email: Email, password }), Empty, { deadlineMs: 60_000 }),
    /** Asks for an account: sends one message, says the same for every address. */
    'account.create': call(z.strictObject({ email: Email }), z.strictObject({ sentAt: Timestamp }), {
      deadlineMs: 30_000,
    }),
    'account.disconnect': call(Empty, Empty, { deadlineMs: 30_000, confirm: 'native' }),
    'account.rename': call(z.strictObject({ name: z.string().min(1).max(63) }), Empty),
    'cloud.retry': call(Empty, Empty),
    /** Restarts the computer. Error: restart-refused. */
    'restart.now': call(Empty, Empty, { deadlineMs: 60_000, confirm: 'native' }),
    /** The answer to an owner who asked for a restart. Errors: not-found, restart-refused. */
    'restart.answer': call(RestartAnswer, Empty, { deadlineMs: 60_000 }),
    /** The same for all that wait, where it makes sense for them. */
    'alert.act': call(z.strictObject({ id: DetectionId, action: ObjectAlertAction, all: z.boolean() }), ActResult, {
      deadlineMs: 600_000,
    }),
    /** Closed without an answer. Objects stay as they are, the countdown of an infection goes on, a restart is asked for again. */
    'alert.dismiss': call(z.strictObject({ alert: AlertKind }), Empty),
    /** Brings back what the person closed or put off. */
    'alert.show': call(z.strictObject({ alert: AlertKind }), Empty),
    /** Error: not-found. */
    'infection.pause': call(z.strictObject({ isPaused: z.boolean() }), Empty),
    /** Error: not-found. */
    'infection.choose': call(z.strictObject({ choice: InfectionChoice }), Empty, { deadlineMs: 600_000 }),
    'window.openMain': call(Empty, Empty),
    'window.openSignIn': call(Empty, Empty),
    'window.closeSignIn': call(Empty, Empty),
    'external.open': call(z.strictObject({ page: ExternalPage }), Empty),
    'dialog.pickPaths': call(
      z.strictObject({ kind: z.enum(['files', 'folders']) }),
      z.strictObject({ paths: z.array(LongText).max(100) }),
      {
        deadlineMs: 3_600_000,
      },
    ),
  },
  events: {
    /** One topic changed; a window takes it when its `rev` is higher than the one it has. */
    'state.changed': event(AppState.partial()),
  },
})
export type AppContract = typeof appContract
