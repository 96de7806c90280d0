// Lets devices in. SECURITY: a connection is nobody until it has signed our challenge with the key of its card; a second
// living connection with the same key is a copy of the computer and is refused. Owns the order of these steps.
import { randomBytes } from 'node:crypto'
import { and, eq, isNull } from 'drizzle-orm'
import {
  type DeviceSideContract,
  deviceProtocolVersion,
  deviceSideContract,
} from '#shared/cloud-protocol/device-contract.ts'
import { deviceAuthPrefix, deviceAuthStatement } from '#shared/crypto/password-proof.ts'
import { ProductError } from '#shared/errors.ts'
import { clientFor } from '#shared/rpc/client.ts'
import type { ContractClient } from '#shared/rpc/contract.ts'
import type { Peer } from '#shared/rpc/peer.ts'
import type { LinkEnd } from '../bus.ts'
import { iso } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import type { DeviceRow } from '../devices/device-cards.ts'
import { isSignedBy } from '../devices/device-key.ts'
import type { Devices } from '../devices/device-service.ts'
import { isThisPortal } from '../devices/portal-origin.ts'
import { accounts, devices as deviceRows } from '../storage/schema.ts'
import { createDeviceLink, type DeviceLink, sayEnd } from './device-link.ts'

/** A connection that has not said who it is by then is closed. */
export const authenticateWithinMs = 10_000

export type Links = Map<string, DeviceLink>

export interface GateDeps {
  readonly context: PortalContext
  readonly devices: Devices
  readonly links: Links
}

export interface Knock {
  readonly peer: Peer
  readonly fault: (reason: string) => void
  /** The device is in and may call from now on, even before it is welcomed. */
  readonly onLink: (link: DeviceLink) => void
}

/** Authenticates and admits one connection, or turns it away and closes it. */
export async function admit(deps: GateDeps, knock: Knock): Promise<void> {
  const client = clientFor(deviceSideContract, knock.peer, { onFault: knock.fault })
  const cancel = deps.context.clock.after(authenticateWithinMs, () => knock.peer.close())
  const row = await identify(deps.context, client, knock.peer).finally(cancel)
  if (!row) return knock.peer.close()
  return inTurn(row.id, () => takeIn(deps, knock, client, row))
}

/** The card the connection proves to belong to, or undefined. */
async function identify(
  context: PortalContext,
  client: ContractClient<DeviceSideContract>,
  peer: Peer,
): Promise<DeviceRow | undefined> {
  const nonce = randomBytes(32).toString('base64')
  const challenge = { nonce, portalTime: iso(context.clock.now()), protocol: deviceProtocolVersion }
  const claim = await client.call('link.authenticate', challenge)
  if (claim.protocol !== deviceProtocolVersion) return undefined
  const [row] = await context.db.select().from(deviceRows).where(eq(deviceRows.id, claim.deviceId))
  if (!row) {
    sayEnd(peer, 'device-removed')
    return undefined
  }
  const statement = deviceAuthStatement(claim.portalOrigin, claim.deviceId, nonce)
  const genuine =
    isThisPortal(context.publicUrl(), claim.portalOrigin) &&
    isSignedBy(row.publicKey, deviceAuthPrefix, statement, claim.signature)
  if (!genuine) {
    context.log.warn({ deviceId: row.id }, 'device could not prove its identity')
    return undefined
  }
  if (row.ended !== null) {
    sayEnd(peer, endReason(row.ended))
    return undefined
  }
  return row
}

async function takeIn(
  deps: GateDeps,
  { peer, fault, onLink }: Knock,
  client: ContractClient<DeviceSideContract>,
  row: DeviceRow,
): Promise<void> {
  const { context, devices, links } = deps
  const other = links.get(row.id)
  if (other && (await isAlive(other))) {
    await context.db.update(deviceRows).set({ cloned: true }).where(eq(deviceRows.id, row.id))
    devices.changed(row.id)
    return sayEnd(peer, 'cloned-device')
  }
  other?.peer.close()
  if (peer.closed) return
  const link = createDeviceLink(context, devices, { deviceId: row.id, accountId: row.accountId, peer, client, fault })
  links.set(row.id, link)
  onLink(link)
  peer.onClose(() => {
    if (links.get(row.id) === link) links.delete(row.id)
  })
  // Only now: a removal from here on finds the link, one before it is found by this.
  const [current] = await context.db
    .update(deviceRows)
    .set({ online: true, lastContactAt: context.clock.now() })
    .where(and(eq(deviceRows.id, row.id), eq(deviceRows.publicKey, row.publicKey), isNull(deviceRows.ended)))
    .returning()
  if (!current) return link.end('device-removed')
  await welcome(context, link, current)
  devices.changed(row.id)
  link.delivery.kick()
}

async function welcome({ db }: PortalContext, link: DeviceLink, row: DeviceRow): Promise<void> {
  const [account] = await db.select({ email: accounts.email }).from(accounts).where(eq(accounts.id, row.accountId))
  if (!account) throw new ProductError('not-found')
  await link.client.call('link.welcome', {
    name: link.newName ?? row.name,
    account: account.email,
    outboxEpoch: row.outboxEpoch,
    outboxSeq: Math.max(row.outboxSeq, 0),
  })
}

/** Any answer, even a refusal, comes from somebody who lives. */
async function isAlive(link: DeviceLink): Promise<boolean> {
  if (link.peer.closed) return false
  try {
    await link.client.call('link.ping', {})
    return true
  } catch (error) {
    return error instanceof ProductError && error.code !== 'peer-gone' && error.code !== 'deadline-exceeded'
  }
}

function endReason(ended: NonNullable<DeviceRow['ended']>): LinkEnd {
  return ended === 'left' ? 'device-removed' : ended
}

const turns = new Map<string, Promise<unknown>>()

/** Connections of one device are judged one after the other. */
function inTurn<T>(deviceId: string, work: () => Promise<T>): Promise<T> {
  const before = turns.get(deviceId) ?? Promise.resolve()
  const mine = before.then(work, work)
  turns.set(deviceId, mine)
  const clear = () => {
    if (turns.get(deviceId) === mine) turns.delete(deviceId)
  }
  mine.then(clear, clear)
  return mine
}
