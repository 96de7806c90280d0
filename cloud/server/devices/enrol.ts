// Connects a computer to an account: sign-in, proof that it holds its key, and the card it gets. The same key in the same
// account is the same card; so is the same installation that lost its key. Owns the rules of identity.
import { randomUUID } from 'node:crypto'
import { and, count, eq } from 'drizzle-orm'
import type { z } from 'zod'
import type { deviceApi, EnrolRequest } from '#shared/cloud-protocol/http-api.ts'
import { enrolPrefix } from '#shared/crypto/password-proof.ts'
import { ProductError } from '#shared/errors.ts'
import type { Accounts } from '../accounts/account-service.ts'
import { iso } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { devices } from '../storage/schema.ts'
import type { DeviceRow } from './device-cards.ts'
import { isListed } from './device-ending.ts'
import { isSignedBy } from './device-key.ts'
import type { Devices } from './device-service.ts'
import { isThisPortal } from './portal-origin.ts'

/** How far the clocks may be apart. */
export const enrolFreshnessMs = 5 * 60_000
/** Devices of one account. */
export const maxDevices = 1000

export interface EnrolDeps {
  readonly context: PortalContext
  readonly accounts: Accounts
  readonly devices: Devices
}

export async function enrol(
  { context, accounts, devices: service }: EnrolDeps,
  request: EnrolRequest,
  networkAddress: string,
): Promise<z.input<typeof deviceApi.enrol.answer>> {
  checkStatement(context, request)
  const account = await accounts.verify(request.email, request.proof, networkAddress)
  const { row, rebound } = await context.db.transaction((tx) => placeCard(context, tx, account.id, request))
  // Whoever is connected with the key the card had before is not this device any more.
  if (rebound) context.bus.publish({ kind: 'link.end', deviceId: row.id, reason: 'device-removed' })
  service.changed(row.id)
  return { deviceId: row.id, name: row.name, account: account.email, portalTime: iso(context.clock.now()) }
}

/** SECURITY: made with the key it names, for this portal, just now. */
function checkStatement({ clock, publicUrl }: PortalContext, { signature, ...fields }: EnrolRequest): void {
  if (!isSignedBy(fields.publicKey, enrolPrefix, fields, signature)) throw new ProductError('bad-signature')
  if (!isThisPortal(publicUrl(), fields.portalOrigin)) throw new ProductError('portal-address-wrong')
  const apartMs = Math.abs(clock.now().getTime() - Date.parse(fields.issuedAt))
  if (!(apartMs <= enrolFreshnessMs)) throw new ProductError('clock-wrong')
}

async function placeCard(
  context: PortalContext,
  tx: Database,
  accountId: string,
  request: EnrolRequest,
): Promise<{ row: DeviceRow; rebound: boolean }> {
  const mine = await tx.select().from(devices).where(eq(devices.accountId, accountId)).for('update')
  const sameKey = mine.find((row) => row.publicKey === request.publicKey)
  const sameInstallation = mine.find((row) => row.installationId === request.installationId)
  const card = sameKey ?? sameInstallation
  if (!card) return { row: await newCard(context, tx, accountId, request), rebound: false }
  const [row] = await tx
    .update(devices)
    .set({
      publicKey: request.publicKey,
      installationId: request.installationId,
      enrolled: { os: request.os, appVersion: request.appVersion },
      connectedAt: card.ended === null ? card.connectedAt : context.clock.now(),
      name: isListed(card.ended) ? card.name : request.name,
      ended: null,
      cloned: false,
    })
    .where(and(eq(devices.id, card.id), eq(devices.accountId, accountId)))
    .returning()
  if (!row) throw new ProductError('not-found')
  return { row, rebound: card.publicKey !== request.publicKey }
}

async function newCard(
  context: PortalContext,
  tx: Database,
  accountId: string,
  request: EnrolRequest,
): Promise<DeviceRow> {
  const [known] = await tx.select({ cards: count() }).from(devices).where(eq(devices.accountId, accountId))
  if ((known?.cards ?? 0) >= maxDevices) throw new ProductError('too-many-requests', 'devices')
  const [row] = await tx
    .insert(devices)
    .values({
      id: randomUUID(),
      accountId,
      publicKey: request.publicKey,
      installationId: request.installationId,
      name: request.name,
      enrolled: { os: request.os, appVersion: request.appVersion },
      connectedAt: context.clock.now(),
      ended: null,
      cloned: false,
      online: false,
      lastContactAt: null,
      state: null,
      outboxEpoch: null,
      outboxSeq: 0,
    })
    .returning()
  if (!row) throw new ProductError('internal')
  return row
}
