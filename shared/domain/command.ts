// Remote commands: one envelope for every kind, with id and expiry, and the life of a command from planned to its end.
// Owns the schema and the state machine; the portal stores, the client carries out.
import { z } from 'zod'
import { errorCodes } from '../errors.ts'
import { DetectionAction } from './detection.ts'
import { CommandId, DetectionId, DeviceId } from './ids.ts'
import { Count, LongText, ShortText, Timestamp } from './primitives.ts'
import { ScanGaps, ScanProgress, ScanTotals } from './scan.ts'

/** Planned commands are cancelled after this long (D6). */
export const commandLifetimeMs = 7 * 24 * 3_600_000

const ScanStartBody = z.strictObject({
  kind: z.literal('scan.start'),
  args: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('quick') }),
    z.strictObject({ type: z.literal('full') }),
    z.strictObject({ type: z.literal('folder'), path: LongText.min(1) }),
  ]),
})
const ScanControlBody = z.strictObject({
  kind: z.literal('scan.control'),
  /** The `scan.start` command it is about. */
  args: z.strictObject({ commandId: CommandId, action: z.enum(['stop', 'pause', 'resume']) }),
})
const DetectionsActBody = z.strictObject({
  kind: z.literal('detections.act'),
  /** Exactly the ids known when it was clicked. */
  args: z.strictObject({ action: DetectionAction, ids: z.array(DetectionId).min(1).max(10_000) }),
})
const ProblemIgnoreBody = z.strictObject({
  kind: z.literal('problem.ignore'),
  args: z.strictObject({ key: z.string().min(1).max(120), ignored: z.boolean() }),
})
/** Asks the person at the computer to restart it. Never done without that person's answer. */
const DeviceRestartBody = z.strictObject({ kind: z.literal('device.restart'), args: z.strictObject({}) })
const RestartCancelBody = z.strictObject({
  kind: z.literal('restart.cancel'),
  /** The `device.restart` command that is taken back while the person has not answered. */
  args: z.strictObject({ commandId: CommandId }),
})

export const CommandBody = z.discriminatedUnion('kind', [
  ScanStartBody,
  ScanControlBody,
  DetectionsActBody,
  ProblemIgnoreBody,
  DeviceRestartBody,
  RestartCancelBody,
])
export type CommandBody = z.infer<typeof CommandBody>
export type CommandKind = CommandBody['kind']

const envelopeFields = {
  id: CommandId,
  deviceId: DeviceId,
  /** Address of the account that asked. */
  issuedBy: ShortText,
  issuedAt: Timestamp,
  expiresAt: Timestamp,
  /** Made by the owner's seal key over the canonical envelope without this field; checked once a device has such a key. */
  signature: z.base64().max(256).optional(),
}

/** What travels. Canonical form: RFC 8785 under `commandPrefix` (shared/crypto/canonical-json.ts). */
export const CommandEnvelope = z.discriminatedUnion('kind', [
  ScanStartBody.extend(envelopeFields),
  ScanControlBody.extend(envelopeFields),
  DetectionsActBody.extend(envelopeFields),
  ProblemIgnoreBody.extend(envelopeFields),
  DeviceRestartBody.extend(envelopeFields),
  RestartCancelBody.extend(envelopeFields),
])
export type CommandEnvelope = z.infer<typeof CommandEnvelope>

export const commandPrefix = 'remote-protection/command/v1'

export const CommandStatus = z.enum(['planned', 'delivered', 'running', 'done', 'failed', 'cancelled', 'expired'])
export type CommandStatus = z.infer<typeof CommandStatus>

/** How a command ended. */
export const CommandResult = z.strictObject({
  error: z.enum(errorCodes).optional(),
  detail: ShortText.optional(),
  /** A scan that was ended by somebody. */
  stoppedBy: z.enum(['device', 'portal']).optional(),
  totals: ScanTotals.optional(),
  objects: Count.optional(),
  files: Count.optional(),
  notScanned: Count.optional(),
  /** Matches that are not reported because their names are excluded. */
  excluded: Count.optional(),
  /** Of a scan that left something out. */
  gaps: ScanGaps.optional(),
  durationMs: Count.optional(),
  /** Group actions (F4). */
  acted: z
    .strictObject({ done: Count, failed: Count, needRestart: Count, reason: z.enum(errorCodes).optional() })
    .optional(),
  /** Of a restart: when the app ran again after it. */
  restartedAt: Timestamp.optional(),
})
export type CommandResult = z.infer<typeof CommandResult>

/** A command as the portal stores and shows it. */
export const CommandRecord = z.strictObject({
  id: CommandId,
  deviceId: DeviceId,
  /** Of a `detections.act` with many objects only the first ids; `objectCount` has their number. */
  body: CommandBody,
  /** Objects a `detections.act` is about. */
  objectCount: Count.optional(),
  issuedBy: ShortText,
  issuedAt: Timestamp,
  expiresAt: Timestamp,
  status: CommandStatus,
  /** When each status was reached, in order. */
  times: z.array(z.strictObject({ status: CommandStatus, at: Timestamp })).max(10),
  progress: ScanProgress.nullable(),
  result: CommandResult.nullable(),
})
export type CommandRecord = z.infer<typeof CommandRecord>

const order: Record<CommandStatus, number> = {
  planned: 0,
  delivered: 1,
  running: 2,
  done: 3,
  failed: 3,
  cancelled: 3,
  expired: 3,
}

/** True for the states nothing follows. */
export function isFinal(status: CommandStatus): boolean {
  return order[status] === 3
}

/** A status only ever moves forward; late or repeated reports change nothing. */
export function mayFollow(current: CommandStatus, next: CommandStatus): boolean {
  return order[next] > order[current]
}
