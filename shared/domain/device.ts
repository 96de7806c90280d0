// A protected computer as its owner sees it: what it is, how it is, what runs on it. The client owns this state and
// reports it whole; the portal keeps the last one it was told.
import { z } from 'zod'
import { DeviceId } from './ids.ts'
import { Count, Revision, ShortText, Timestamp } from './primitives.ts'
import { Problem } from './problem.ts'
import { keptForever } from './quarantine-limits.ts'
import { RestartAsked } from './restart.ts'
import { FinishedScan, RunningScan } from './scan.ts'

export const deviceNameMaxLength = 63
export const DeviceName = z
  .string()
  .trim()
  .min(1)
  .max(deviceNameMaxLength)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u)
export type DeviceName = z.infer<typeof DeviceName>

export const ProtectionStatus = z.enum(['protected', 'needs-attention', 'at-risk'])
export type ProtectionStatus = z.infer<typeof ProtectionStatus>

/** `not-available`: this version has no such component. Never counts as on. */
export const ComponentState = z.enum(['on', 'off', 'paused', 'failed', 'not-available'])
export const ComponentId = z.enum([
  'on-demand-scan',
  'file-protection',
  'background-scan',
  'removable-drives',
  'automatic-updates',
])
export type ComponentId = z.infer<typeof ComponentId>
export const Component = z.strictObject({ id: ComponentId, state: ComponentState })
export type Component = z.infer<typeof Component>

/** What a computer is. */
export const DeviceFacts = z.strictObject({
  os: ShortText,
  appName: ShortText,
  appVersion: ShortText,
  engineVersion: ShortText,
  databasesVersion: ShortText,
  databasesReleasedAt: Timestamp.nullable(),
  /** Lines or files of the databases that cannot be used. */
  databasesRejected: Count.default(0),
})
export type DeviceFacts = z.infer<typeof DeviceFacts>

/** Everything the portal shows about a computer apart from its detected objects. */
export const DeviceState = z.strictObject({
  rev: Revision,
  facts: DeviceFacts,
  components: z.array(Component).max(10),
  problems: z.array(Problem).max(100),
  runningScan: RunningScan.nullable(),
  lastScan: FinishedScan.nullable(),
  lastFullScanAt: Timestamp.nullable(),
  unprocessedCount: Count,
  quarantineCount: Count,
  /** How long copies are kept there, and so how long something can be undone; unknown of earlier versions. */
  quarantineRetentionDays: z.number().int().min(1).max(keptForever).optional(),
  /** A restart that was asked for from the portal and has not ended. */
  restart: RestartAsked.nullable().default(null),
})
export type DeviceState = z.infer<typeof DeviceState>

/** The status follows from the problems alone, so hiding a notice never turns red green (C3, E6). */
export function protectionStatus(problems: readonly Pick<Problem, 'grade'>[]): ProtectionStatus {
  if (problems.some((problem) => problem.grade === 'critical')) return 'at-risk'
  if (problems.some((problem) => problem.grade === 'important')) return 'needs-attention'
  return 'protected'
}

/** One computer on the portal. `online` is separate from the protection status (C5). */
export const DeviceCard = z.strictObject({
  id: DeviceId,
  name: DeviceName,
  online: z.boolean(),
  /** Null: it has never been connected. */
  lastContactAt: Timestamp.nullable(),
  connectedAt: Timestamp,
  status: ProtectionStatus,
  /** Null until the first report. */
  state: DeviceState.nullable(),
  /** Another computer tried to connect with the same key. */
  cloned: z.boolean(),
})
export type DeviceCard = z.infer<typeof DeviceCard>
