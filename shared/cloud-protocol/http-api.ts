// The portal's HTTP interface, as schemas: used by the server to validate and to write /api/openapi.json, by the web page
// and by the app's account client for their types. Paths are relative to the portal's address.
import { z } from 'zod'
import { CommandBody, CommandRecord } from '../domain/command.ts'
import { Detection } from '../domain/detection.ts'
import { DeviceCard, DeviceName } from '../domain/device.ts'
import { CommandId, DetectionId, DeviceId, InstallationId } from '../domain/ids.ts'
import { Count, Email, ShortText, Timestamp } from '../domain/primitives.ts'
import { errorCodes } from '../errors.ts'

export const Proof = z.base64().length(44)
export const Salt = z.base64().length(24)
/** An Ed25519 public key: base64 of the 32 raw bytes. */
export const PublicKey = z.base64().length(44)
const LinkToken = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const Empty = z.strictObject({})

/** Body of every answer that is not 2xx. */
export const ApiError = z.strictObject({ code: z.enum(errorCodes), detail: z.string().max(1000).optional() })

export const Account = z.strictObject({ email: Email, createdAt: Timestamp })
export type Account = z.infer<typeof Account>

/**
 * Account routes. Answers to `create`, `reset` and `salt` never tell whether an address is registered.
 * The page's requests that change something carry the CSRF token of `session` in the header `x-csrf-token`.
 */
export const accountApi = {
  /** POST: salt for the proof; unknown addresses get a stable fake. */
  salt: {
    method: 'POST',
    path: '/api/account/salt',
    body: z.strictObject({ email: Email }),
    answer: z.strictObject({ salt: Salt }),
  },
  /** POST: asks for an account; sends one message. */
  create: { method: 'POST', path: '/api/account/create', body: z.strictObject({ email: Email }), answer: Empty },
  /** POST: asks for a new password; sends one message where there is an account. */
  reset: { method: 'POST', path: '/api/account/reset', body: z.strictObject({ email: Email }), answer: Empty },
  /** POST: what a link from a message is for, without using it. Errors: link-used, link-expired, link-unknown. */
  link: {
    method: 'POST',
    path: '/api/account/link',
    body: z.strictObject({ token: LinkToken }),
    answer: z.strictObject({ purpose: z.enum(['create', 'reset', 'activate']), email: Email, salt: Salt }),
  },
  /** POST: sets the password of a `create` or `reset` link and uses the link up. Error weak-password (detail `recent`): used before. */
  setPassword: {
    method: 'POST',
    path: '/api/account/password',
    body: z.strictObject({ token: LinkToken, proof: Proof }),
    answer: Empty,
  },
  /** POST: sends a used or expired link's message again. */
  resend: { method: 'POST', path: '/api/account/resend', body: z.strictObject({ token: LinkToken }), answer: Empty },
  /** POST: portal sign-up (A2): address and proof first, then an activation link. Ask `salt` first and send that salt: the portal keeps no other. */
  signUp: {
    method: 'POST',
    path: '/api/account/sign-up',
    body: z.strictObject({ email: Email, salt: Salt, proof: Proof }),
    answer: Empty,
  },
  /** POST: uses an `activate` link. */
  activate: {
    method: 'POST',
    path: '/api/account/activate',
    body: z.strictObject({ token: LinkToken }),
    answer: Empty,
  },
  /** POST: signs the page in (cookie). Errors: wrong-credentials, not-activated, slow-down (detail: ms). */
  signIn: {
    method: 'POST',
    path: '/api/session',
    body: z.strictObject({ email: Email, proof: Proof }),
    answer: z.strictObject({ account: Account, csrfToken: ShortText }),
  },
  /** GET: who is signed in. Errors: unauthenticated. */
  session: { method: 'GET', path: '/api/session', answer: z.strictObject({ account: Account, csrfToken: ShortText }) },
  /** DELETE: signs the page out. */
  signOut: { method: 'DELETE', path: '/api/session', answer: Empty },
} as const

/** POST by the app: signs in and connects this computer in one step. `signature` over `enrolPrefix` and the other fields (canonical). */
export const EnrolRequest = z.strictObject({
  email: Email,
  proof: Proof,
  publicKey: PublicKey,
  installationId: InstallationId,
  name: DeviceName,
  os: ShortText,
  appVersion: ShortText,
  portalOrigin: ShortText,
  issuedAt: Timestamp,
  signature: z.base64().max(128),
})
export type EnrolRequest = z.infer<typeof EnrolRequest>

export const DetectionPage = z.discriminatedUnion('kind', [
  /** Up to 10 unprocessed: one by one. */
  z.strictObject({ kind: z.literal('list'), total: Count, objects: z.array(Detection).max(200) }),
  /** More: numbers only (F2). */
  z.strictObject({
    kind: z.literal('group'),
    total: Count,
    risk: z.strictObject({ high: Count, medium: Count, low: Count }),
    foundBy: z.array(ShortText).max(10),
    oldestAt: Timestamp,
    newestAt: Timestamp,
  }),
])
export type DetectionPage = z.infer<typeof DetectionPage>

const deviceParams = z.strictObject({ deviceId: DeviceId })
const commandAnswer = z.strictObject({ command: CommandRecord })

export const deviceApi = {
  /** Errors besides those of a sign-in: bad-signature, clock-wrong, portal-address-wrong, too-many-requests. */
  enrol: {
    method: 'POST',
    path: '/api/devices/enrol',
    body: EnrolRequest,
    answer: z.strictObject({ deviceId: DeviceId, name: DeviceName, account: Email, portalTime: Timestamp }),
  },
  list: { method: 'GET', path: '/api/devices', answer: z.strictObject({ devices: z.array(DeviceCard).max(10_000) }) },
  get: {
    method: 'GET',
    path: '/api/devices/:deviceId',
    params: deviceParams,
    answer: z.strictObject({ device: DeviceCard }),
  },
  rename: {
    method: 'PATCH',
    path: '/api/devices/:deviceId',
    params: deviceParams,
    body: z.strictObject({ name: DeviceName }),
    answer: z.strictObject({ device: DeviceCard }),
  },
  /** Disconnects the device: remote control stops at once. */
  remove: { method: 'DELETE', path: '/api/devices/:deviceId', params: deviceParams, answer: Empty },
  /** Newest first. */
  commands: {
    method: 'GET',
    path: '/api/devices/:deviceId/commands',
    params: deviceParams,
    query: z.strictObject({ limit: z.coerce.number().int().min(1).max(200).default(50), before: Timestamp.optional() }),
    answer: z.strictObject({ commands: z.array(CommandRecord).max(200) }),
  },
  /** Errors: already-running, grouped-objects, act-outdated, too-many-requests. `id` is made by the page, so that a repeated request is one command. */
  command: {
    method: 'POST',
    path: '/api/devices/:deviceId/commands',
    params: deviceParams,
    body: z.strictObject({ id: CommandId, body: CommandBody }),
    answer: commandAnswer,
  },
  /** Acts on the whole group of unprocessed objects as the server knows it now (F2, F4). */
  actOnGroup: {
    method: 'POST',
    path: '/api/devices/:deviceId/detections/group',
    params: deviceParams,
    body: z.strictObject({ id: CommandId, action: z.enum(['process', 'copy-to-quarantine', 'skip', 'delete']) }),
    answer: commandAnswer,
  },
  /** Only planned commands can be cancelled, and not after an offer the device has not answered; error not-cancellable. */
  cancel: {
    method: 'POST',
    path: '/api/devices/:deviceId/commands/:commandId/cancel',
    params: z.strictObject({ deviceId: DeviceId, commandId: CommandId }),
    answer: commandAnswer,
  },
  detections: {
    method: 'GET',
    path: '/api/devices/:deviceId/detections',
    params: deviceParams,
    query: z.strictObject({
      view: z.enum(['to-review', 'treated', 'all']).default('to-review'),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      offset: z.coerce.number().int().min(0).default(0),
    }),
    answer: z.strictObject({
      counts: z.strictObject({ toReview: Count, treated: Count, all: Count, atRestart: Count }),
      page: DetectionPage,
    }),
  },
  /** One object; error grouped-objects while it belongs to a group. */
  detection: {
    method: 'GET',
    path: '/api/devices/:deviceId/detections/:detectionId',
    params: z.strictObject({ deviceId: DeviceId, detectionId: DetectionId }),
    answer: z.strictObject({ detection: Detection }),
  },
} as const
