// The state topics of the protection client, as every window mirrors them. Each topic is `{ rev, value }`, changed only
// by the service that owns it. Never holds a secret.
import { z } from 'zod'
import { errorCodes } from '../errors.ts'
import { AlertsTopic } from './alerts.ts'
import { Detection } from './detection.ts'
import { Component, DeviceName, ProtectionStatus } from './device.ts'
import { DeviceId } from './ids.ts'
import { TreatmentSettings } from './policy.ts'
import { Count, DurationMs, Email, LongText, Revision, ShortText, Timestamp } from './primitives.ts'
import { Problem } from './problem.ts'
import { keptForever, unlimitedBytes } from './quarantine-limits.ts'
import { RejectedPart } from './rejected-parts.ts'
import { ReportComponent } from './reports.ts'
import { RestartRequest } from './restart.ts'
import { FinishedScan, NotScannedView, RunningScan } from './scan.ts'
import { SecondEngineInfo } from './second-engine.ts'
import { QuarantineItem } from './treatment.ts'

export const DatabasesState = z.strictObject({
  version: ShortText,
  releasedAt: Timestamp,
  source: z.enum(['seed', 'update', 'folder']),
  signatures: Count,
  /** What of them cannot be used. */
  rejected: z.array(RejectedPart).max(200),
})

export const ProtectionTopic = z.strictObject({
  status: ProtectionStatus,
  problems: z.array(Problem).max(100),
  components: z.array(Component).max(10),
  engine: z.enum(['starting', 'ready', 'restarting', 'failed']),
  databases: DatabasesState.nullable(),
  patternBackend: z.enum(['native', 'wasm', 'none']).nullable(),
  secondEngine: SecondEngineInfo,
  secretStorage: z.enum(['keyring', 'file', 'unknown']),
  runtime: z.strictObject({ app: ShortText, electron: ShortText, node: ShortText }),
})
export type ProtectionTopic = z.infer<typeof ProtectionTopic>

export const ScanTopic = z.strictObject({
  running: RunningScan.nullable(),
  last: FinishedScan.nullable(),
  lastByType: z.strictObject({
    quick: FinishedScan.nullable(),
    full: FinishedScan.nullable(),
    custom: FinishedScan.nullable(),
  }),
  /** Newest of the running or last scan, at most 50; all of them by `scan.notScanned`. */
  notScanned: z.array(NotScannedView).max(50),
})
export type ScanTopic = z.infer<typeof ScanTopic>

/** Numbers and the newest few; lists are asked for with `detections.list`. */
export const DetectionsTopic = z.strictObject({
  total: Count,
  unprocessed: Count,
  atRestart: Count,
  recent: z.array(Detection).max(10),
})
export type DetectionsTopic = z.infer<typeof DetectionsTopic>

export const QuarantineTopic = z.strictObject({
  count: Count,
  /** Size of the originals. */
  bytes: Count,
  /** Room that the copies take, and may take. */
  storeBytes: Count,
  limitBytes: Count,
  newest: z.array(QuarantineItem).max(10),
  /** No longer detected, and nobody said anything about it yet; the newest of them. */
  falseAlarms: z.strictObject({ count: Count, newest: z.array(QuarantineItem).max(10) }),
  /** Contents that no scan reports, because a person restored them. */
  allowed: Count,
})
export type QuarantineTopic = z.infer<typeof QuarantineTopic>

/** The relation of this computer to an account. */
export const AccountTopic = z.discriminatedUnion('status', [
  z.strictObject({ status: z.literal('signed-out') }),
  z.strictObject({
    status: z.literal('connected'),
    email: Email,
    deviceId: DeviceId,
    deviceName: DeviceName,
    connectedAt: Timestamp,
  }),
  z.strictObject({
    status: z.literal('disconnected'),
    email: Email,
    reason: z.enum(['password-reset', 'device-removed', 'account-deleted', 'cloned-device']),
    at: Timestamp,
  }),
])
export type AccountTopic = z.infer<typeof AccountTopic>

/** The line to the portal, meaningful while the account is connected. */
export const CloudTopic = z.strictObject({
  portalUrl: ShortText,
  link: z.enum(['off', 'connecting', 'online', 'waiting', 'update-needed']),
  lastSyncAt: Timestamp.nullable(),
  /** Since when there is no connection; null while online. */
  offlineSince: Timestamp.nullable(),
  nextTryInMs: DurationMs.nullable(),
  lastError: z.enum(errorCodes).nullable(),
  /** Facts not yet told to the portal. */
  outboxWaiting: Count,
  /** Difference of the two clocks; positive = this computer is ahead. */
  clockSkewMs: z.number().int(),
  /** The newest remote commands, newest first. */
  commands: z
    .array(z.strictObject({ id: z.uuid(), title: ShortText, account: ShortText, at: Timestamp, status: ShortText }))
    .max(10),
})
export type CloudTopic = z.infer<typeof CloudTopic>

export const AppSettings = z.strictObject({
  treatment: TreatmentSettings,
  scan: z.strictObject({
    /** Paths instead of the built-in areas; empty = built-in. */
    quickAreas: z.array(LongText).max(100),
    fullAreas: z.array(LongText).max(100),
    exclude: z.array(LongText).max(1000),
    remoteLoadCeilingPercent: z.number().int().min(10).max(100),
  }),
  fileProtection: z.strictObject({
    enabled: z.boolean(),
    /** Instead of the built-in ones; empty = built-in. */
    folders: z.array(LongText).max(100),
  }),
  clamav: z.strictObject({
    /** Ask its scanner service too when it runs. */
    ask: z.boolean(),
    /** Use the databases that it keeps on this computer besides ours. */
    databases: z.boolean(),
  }),
  quarantine: z.strictObject({
    /** `keptForever`: never removed because of their age. */
    retentionDays: z.number().int().min(1).max(keptForever),
    /** Room of all copies together; `unlimitedBytes`: no limit. */
    limitBytes: z.number().int().min(1).max(unlimitedBytes),
  }),
  activeInfection: z.strictObject({
    /** Treat and restart when nobody chose in time. Only while the countdown can be seen. */
    restartAtZero: z.boolean(),
  }),
  notifyOnRemoteScan: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
  ignoredProblems: z.array(z.string().max(120)).max(100),
})
export type AppSettings = z.infer<typeof AppSettings>

/** One line of the history shown on Home and in reports. */
export const HistoryEvent = z.strictObject({
  id: z.uuid(),
  at: Timestamp,
  grade: z.enum(['critical', 'important', 'information', 'good']),
  title: ShortText,
  detail: LongText,
  component: ReportComponent,
  /** A scan ended: it can be opened. */
  endOfScan: z.literal(true).optional(),
})
export type HistoryEvent = z.infer<typeof HistoryEvent>
export const HistoryTopic = z.strictObject({ recent: z.array(HistoryEvent).max(20) })
export type HistoryTopic = z.infer<typeof HistoryTopic>

export const RestartTopic = z.strictObject({
  pending: z.array(z.strictObject({ name: ShortText, threat: ShortText, holder: ShortText })).max(100),
  /** What the owner asked for from the portal, until the person at the computer has answered. */
  request: RestartRequest.nullable(),
})
export type RestartTopic = z.infer<typeof RestartTopic>

const topic = <T extends z.ZodType>(value: T) => z.strictObject({ rev: Revision, value })

/** All topics at once; also the shape of the mirror in a window. */
export const AppState = z.strictObject({
  protection: topic(ProtectionTopic),
  scan: topic(ScanTopic),
  detections: topic(DetectionsTopic),
  quarantine: topic(QuarantineTopic),
  account: topic(AccountTopic),
  cloud: topic(CloudTopic),
  settings: topic(AppSettings),
  history: topic(HistoryTopic),
  restart: topic(RestartTopic),
  alerts: topic(AlertsTopic),
})
export type AppState = z.infer<typeof AppState>
export type TopicName = keyof AppState
export type TopicValue<N extends TopicName> = AppState[N]['value']
