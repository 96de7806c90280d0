// What the client and the engine process say to each other, over a MessagePort or a forked process's channel.
// The engine detects and acts; it never decides what to do with a finding.
import { z } from 'zod'
import { FilePath } from '../domain/file-path.ts'
import { DetectionId, QuarantineId, ScanId } from '../domain/ids.ts'
import { DetectedObject, NotScannedObject } from '../domain/object-report.ts'
import { Bytes, Count, LongText, Sha256, ShortText, Timestamp } from '../domain/primitives.ts'
import { ScanArea, ScanCounters, ScanOptions, ScanOutcome, ScanProgress } from '../domain/scan.ts'
import { SecondEngineInfo } from '../domain/second-engine.ts'
import {
  ActivePlan,
  CopyCondition,
  GivenEntries,
  PendingResult,
  QuarantineItem,
  QuarantineSummary,
  RestoreLoss,
  TreatmentOrder,
  TreatmentOutcome,
} from '../domain/treatment.ts'
import { NotScannedReason } from '../domain/verdict.ts'
import { call, contract, event } from '../rpc/contract.ts'

export const engineProtocolVersion = 1

/** The signature databases in use. `version` is a hash over their content and the engine version. */
export const DatabasesInfo = z.strictObject({
  version: ShortText,
  releasedAt: Timestamp,
  hashSignatures: Count,
  rules: Count,
  /** Recipes for disinfection. */
  recipes: Count,
  /** Lines or files that could not be used, never dropped silently. */
  rejected: z.array(z.strictObject({ file: ShortText, line: Count, problem: LongText })).max(200),
  source: z.enum(['seed', 'update', 'folder']),
})
export type DatabasesInfo = z.infer<typeof DatabasesInfo>

export const EngineInfo = z.strictObject({
  protocol: z.number().int(),
  engineVersion: ShortText,
  patternBackend: z.enum(['native', 'wasm', 'none']),
  secondEngine: SecondEngineInfo,
  workers: Count,
  databases: DatabasesInfo,
})
export type EngineInfo = z.infer<typeof EngineInfo>

/** How the engine looks at objects, beyond its databases. */
export const ScannerConfig = z.strictObject({
  /** Changed bounds, by their names in electron/engine/limits/limits.ts; unknown names are refused. */
  limits: z.record(ShortText, z.number().int().positive()),
  /** Whether ClamAV's scanner service is asked too when it runs. */
  secondEngine: z.enum(['off', 'when-running']),
  /** Whether databases that ClamAV keeps on this computer are loaded besides ours, as far as they can be read. */
  systemClamav: z.boolean(),
})
export type ScannerConfig = z.infer<typeof ScannerConfig>
export const defaultScannerConfig: ScannerConfig = { limits: {}, secondEngine: 'off', systemClamav: false }

/** Sent once, first. `vaultKey`: base64 of 32 bytes, from the OS keyring; never logged. */
export const EngineConfig = z.strictObject({
  protocol: z.number().int(),
  dataDir: LongText,
  /** Folder of databases; null = the seed databases that ship with the product. */
  databasesDir: LongText.nullable(),
  vaultKey: z.base64().length(44),
  retentionDays: z.number().int().min(1).max(36_500),
  /** All copies in Quarantine together take at most so much room. */
  quarantineBytes: Bytes.min(1),
  /** Absolute folders besides `dataDir` that are never treated and never scanned, such as the portal's data. */
  guardedDirs: z.array(LongText).max(20),
  scanner: ScannerConfig,
  workers: z.number().int().min(1).max(16),
})
export type EngineConfig = z.infer<typeof EngineConfig>

const ScanEvent = { scanId: ScanId }

/**
 * What a look at a single file is for: `real-time` has bounds of its own and leaves archives closed, `real-time-download`
 * opens them too, for where files from outside arrive. The bounds: electron/engine/limits/limits.ts.
 */
export const ObjectLook = z.enum(['on-demand', 'real-time', 'real-time-download'])
export type ObjectLook = z.infer<typeof ObjectLook>

/** The result of looking at one file again. */
export const ObjectScanResult = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('detected'), object: DetectedObject }),
  z.strictObject({ kind: z.literal('nothing-found'), partial: z.array(NotScannedReason).max(8) }),
  z.strictObject({ kind: z.literal('not-scanned'), reason: NotScannedReason }),
])
export type ObjectScanResult = z.infer<typeof ObjectScanResult>

export const engineContract = contract({
  calls: {
    'engine.configure': call(EngineConfig, EngineInfo, { deadlineMs: 60_000 }),
    /**
     * Compiles the rules of these databases and keeps them in the data folder, for a process that will scan. After
     * `engine.configure` answered `databases-not-compiled`; best in a process that ends then, for it keeps the memory.
     */
    'databases.compile': call(EngineConfig, z.strictObject({}), { deadlineMs: 180_000 }),
    /** Also looks whether the second engine answers now, where it is wanted. */
    'engine.info': call(z.strictObject({}), EngineInfo),
    'scan.start': call(
      z.strictObject({
        scanId: ScanId,
        area: ScanArea,
        options: ScanOptions,
        /** Number of files the last scan of this area had; 0 = unknown. For the estimate only. */
        expectedFiles: Count,
        /** True: go on from the checkpoint that this scanId left in the engine's data folder before a crash. */
        resume: z.boolean(),
        /** True: look at every file, also at those known unchanged since a scan that found nothing in all of them. */
        ignoreCache: z.boolean(),
      }),
      z.strictObject({}),
    ),
    'scan.control': call(
      z.strictObject({ scanId: ScanId, action: z.enum(['pause', 'resume', 'stop']) }),
      z.strictObject({}),
    ),
    /** Without `look`: on demand. */
    'object.scan': call(z.strictObject({ path: FilePath, look: ObjectLook.optional() }), ObjectScanResult, {
      deadlineMs: 180_000,
    }),
    /** The positions of those objects that a process runs now: a quick look at many, before a plan is made of one. */
    'treat.active': call(
      z.strictObject({ objects: z.array(DetectedObject).max(100) }),
      z.strictObject({ active: z.array(Count).max(100) }),
      { deadlineMs: 60_000 },
    ),
    /** What runs, starts by itself or lies there because of this object, and would be treated with it. Changes nothing. */
    'treat.plan': call(z.strictObject({ object: DetectedObject }), ActivePlan, { deadlineMs: 60_000 }),
    'treat.object': call(TreatmentOrder, TreatmentOutcome, { deadlineMs: 600_000 }),
    /** The same with the rights of an administrator, which a person at the computer is asked to grant first. */
    'treat.elevate': call(TreatmentOrder, TreatmentOutcome, { deadlineMs: 600_000 }),
    /** Replays deferred treatments, and tries again what could not be recovered. `results` has one entry for each of them. */
    'treat.replayPending': call(z.strictObject({}), z.strictObject({ results: z.array(PendingResult).max(10_000) }), {
      deadlineMs: 600_000,
    }),
    /**
     * Finishes or undoes what a crash left half done; call once after configure. Outcomes of interrupted orders: `failed` with
     * `unfinished` where neither is possible now.
     */
    'treat.recover': call(z.strictObject({}), z.strictObject({ results: z.array(PendingResult).max(10_000) }), {
      deadlineMs: 600_000,
    }),
    /** One page, newest first. `search`: part of a path or of a threat's name. */
    'quarantine.list': call(
      z.strictObject({
        offset: Count,
        limit: z.number().int().min(1).max(200),
        search: z.string().max(200).default(''),
        only: z.enum(['all', 'false-alarms']).default('all'),
      }),
      z.strictObject({ total: Count, items: z.array(QuarantineItem).max(200), summary: QuarantineSummary }),
    ),
    'quarantine.get': call(z.strictObject({ id: QuarantineId }), z.strictObject({ item: QuarantineItem })),
    /** Which of these copies are not there any more, and which of the others cannot be restored now. */
    'quarantine.missing': call(
      z.strictObject({ ids: z.array(QuarantineId).max(10_000) }),
      z.strictObject({
        ids: z.array(QuarantineId).max(10_000),
        conditions: z.array(z.strictObject({ id: QuarantineId, condition: CopyCondition })).max(10_000),
      }),
    ),
    'quarantine.restore': call(
      z.strictObject({
        id: QuarantineId,
        /** Null = the original place. */
        target: FilePath.nullable(),
        /** Restore although it is still detected; asked for explicitly by a person. */
        evenIfDetected: z.boolean(),
        /** Make the folders that are missing. */
        makeFolder: z.boolean().default(false),
      }),
      z.strictObject({
        path: FilePath,
        sha256: Sha256,
        detectionId: DetectionId,
        notKept: z.array(RestoreLoss).max(20),
        /** The copy of the cured file that was at the place. */
        replaced: QuarantineId.optional(),
        /** Absent: none were removed with it, or it did not go back to its place. */
        entries: GivenEntries.optional(),
      }),
      { deadlineMs: 600_000 },
    ),
    /** A person knows that these are no longer detected and leaves them where they are. */
    'quarantine.keep': call(
      z.strictObject({ ids: z.array(QuarantineId).max(10_000) }),
      z.strictObject({ kept: Count }),
    ),
    /**
     * Looks at some of the copies again that were not looked at with the databases in use yet; asked again until none is
     * left. `cleared`: those of this time that are no longer detected.
     */
    'quarantine.rescan': call(
      z.strictObject({}),
      z.strictObject({ looked: Count, left: Count, cleared: z.array(QuarantineItem).max(50) }),
      { deadlineMs: 600_000 },
    ),
    'quarantine.delete': call(
      z.strictObject({ ids: z.array(QuarantineId).max(10_000) }),
      /** `held`: those that are there and stay, because a treatment waits for a restart. */
      z.strictObject({ deleted: Count, held: Count }),
      {
        deadlineMs: 600_000,
      },
    ),
  },
  events: {
    /** At most 10 a second. */
    'scan.progress': event(z.strictObject({ ...ScanEvent, progress: ScanProgress })),
    'scan.detected': event(z.strictObject({ ...ScanEvent, objects: z.array(DetectedObject).max(100) })),
    'scan.notScanned': event(z.strictObject({ ...ScanEvent, objects: z.array(NotScannedObject).max(100) })),
    'scan.finished': event(
      z.strictObject({
        ...ScanEvent,
        outcome: ScanOutcome,
        counters: ScanCounters,
        durationMs: z.number().nonnegative(),
      }),
    ),
  },
})
export type EngineContract = typeof engineContract
