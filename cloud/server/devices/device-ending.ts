// Ends the relation of devices to an account: nothing planned is carried out any more and their connections are closed.
// Owns the order of the steps; rows are kept, so that the same computer finds its history when it comes back.
import { and, eq, isNull } from 'drizzle-orm'
import { cancelOpenCommands } from '../commands/command-store.ts'
import type { PortalContext } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { type DeviceEnd, devices } from '../storage/schema.ts'

/** Ends every device of an account; returns what must be told once the transaction is through. */
export async function endDevicesOf(
  context: PortalContext,
  tx: Database,
  accountId: string,
  reason: DeviceEnd,
): Promise<() => void> {
  const rows = await tx
    .select({ id: devices.id })
    .from(devices)
    .where(and(eq(devices.accountId, accountId), isNull(devices.ended)))
  const announcements: (() => void)[] = []
  for (const { id } of rows) announcements.push(await endDevice(context, tx, { accountId, deviceId: id, reason }))
  return () => {
    for (const announce of announcements) announce()
  }
}

export interface Ending {
  readonly accountId: string
  readonly deviceId: string
  readonly reason: DeviceEnd
}

/** Ends one device; returns what must be told once the transaction is through. */
export async function endDevice(
  context: PortalContext,
  tx: Database,
  { accountId, deviceId, reason }: Ending,
): Promise<() => void> {
  await tx.update(devices).set({ ended: reason, online: false }).where(eq(devices.id, deviceId))
  const cancelled = await cancelOpenCommands(tx, deviceId, context.clock.now())
  return () => {
    for (const command of cancelled) context.bus.publish({ kind: 'command.changed', accountId, command })
    if (reason !== 'password-reset') context.bus.publish({ kind: 'device.removed', accountId, deviceId })
    if (reason !== 'left') context.bus.publish({ kind: 'link.end', deviceId, reason })
  }
}

/** Devices that left or were removed are no cards any more; one that only has to sign in again still is. */
export function isListed(ended: DeviceEnd | null): boolean {
  return ended === null || ended === 'password-reset'
}
