// What a device and the portal say to each other over socket.io, namespace `/device`. Two contracts, one each way, over
// one channel: the portal asks the device (deviceSide) and the device asks the portal (portalSide).
// Nothing is answered before `link.authenticate` succeeded.
import { z } from 'zod'
import { CommandEnvelope, CommandResult } from '../domain/command.ts'
import { Detection } from '../domain/detection.ts'
import { DeviceName, DeviceState } from '../domain/device.ts'
import { CommandId, DeviceId, InstallationId } from '../domain/ids.ts'
import { Count, Email, ShortText, Timestamp } from '../domain/primitives.ts'
import { ScanProgress } from '../domain/scan.ts'
import { call, contract, event } from '../rpc/contract.ts'

export const deviceNamespace = '/device'
export const deviceProtocolVersion = 1
/** Messages larger than this close the connection. */
export const deviceMessageMaxBytes = 1_000_000

/** Facts about a device that must reach the portal even if the connection or a process dies in between. */
export const OutboxBody = z.discriminatedUnion('kind', [
  /** The whole detection as it is now. Older revisions are ignored. */
  z.strictObject({ kind: z.literal('detection'), detection: Detection }),
  z.strictObject({ kind: z.literal('detection-removed'), detectionId: z.uuid() }),
  z.strictObject({
    kind: z.literal('command'),
    commandId: CommandId,
    status: z.enum(['delivered', 'running', 'done', 'failed', 'cancelled', 'expired']),
    result: CommandResult.nullable(),
  }),
  /**
   * FOR THE CLIENT: put once into every epoch, after everything the device knows was put into it, also when that is
   * nothing. The portal then drops what it holds of older epochs: objects that are not treated and were not told again,
   * and commands under way that the device does not know any more.
   */
  z.strictObject({ kind: z.literal('epoch-complete') }),
])
export type OutboxBody = z.infer<typeof OutboxBody>

/** `seq` grows by one within an `epoch`; the portal drops what it has. */
export const OutboxItem = z.strictObject({ seq: Count, at: Timestamp, body: OutboxBody })
export type OutboxItem = z.infer<typeof OutboxItem>

/** Calls the portal makes, answered by the device. */
export const deviceSideContract = contract({
  calls: {
    /** First call on every connection. The device signs `device-auth/v1 | portal origin | deviceId | nonce`. */
    'link.authenticate': call(
      z.strictObject({ nonce: z.base64().min(24).max(128), portalTime: Timestamp, protocol: Count }),
      z.strictObject({
        deviceId: DeviceId,
        installationId: InstallationId,
        /** Origin of the portal as the device was configured with it. */
        portalOrigin: ShortText,
        signature: z.base64().max(128),
        protocol: Count,
        appVersion: ShortText,
      }),
    ),
    /** Authentication succeeded. */
    'link.welcome': call(
      z.strictObject({ name: DeviceName, account: Email, outboxEpoch: z.uuid().nullable(), outboxSeq: Count }),
      z.strictObject({}),
    ),
    /** Is the other end alive (asked before a second connection with the same key is refused). */
    'link.ping': call(z.strictObject({}), z.strictObject({}), { deadlineMs: 3000 }),
    /** `accepted`: written to the list of seen commands, will be carried out. `duplicate`: was seen before. */
    'command.offer': call(
      CommandEnvelope,
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('accepted') }),
        z.strictObject({ kind: z.literal('duplicate') }),
        z.strictObject({
          kind: z.literal('refused'),
          code: z.enum(['command-expired', 'wrong-device', 'bad-signature', 'bad-request']),
        }),
      ]),
    ),
    'device.renamed': call(z.strictObject({ name: DeviceName }), z.strictObject({})),
  },
  events: {
    /** The portal ends the relation: the device forgets its session, keeps its key, and says why. */
    'link.ended': event(
      z.strictObject({ reason: z.enum(['device-removed', 'password-reset', 'cloned-device', 'account-deleted']) }),
    ),
  },
})
export type DeviceSideContract = typeof deviceSideContract

/** Calls the device makes, answered by the portal. */
export const portalSideContract = contract({
  calls: {
    /** Whole state, when it changed. Older revisions within a connection are ignored. */
    'state.report': call(DeviceState, z.strictObject({ at: Timestamp })),
    /** In order, at least once. Answers with the highest sequence number that is safely stored. */
    'outbox.push': call(
      z.strictObject({ epoch: z.uuid(), items: z.array(OutboxItem).min(1).max(100) }),
      z.strictObject({ storedSeq: Count }),
      { deadlineMs: 30_000 },
    ),
    /** The person at the computer disconnected it. */
    'link.leave': call(z.strictObject({}), z.strictObject({})),
    'device.rename': call(z.strictObject({ name: DeviceName }), z.strictObject({})),
  },
  events: {
    /** At most 2 a second; absolute numbers. */
    'command.progress': event(
      z.strictObject({ commandId: CommandId, progress: ScanProgress, status: z.enum(['running', 'paused']) }),
    ),
  },
})
export type PortalSideContract = typeof portalSideContract
