// Devices of an account: listed, found, renamed, removed, and told to the pages when they change. Every look-up is inside
// the account. Owns the device rows except what a connection writes (gateway/) and enrolment (enrol.ts).
import { and, eq, inArray, isNull, lt, or } from 'drizzle-orm'
import type { DeviceCard, DeviceState } from '#shared/domain/device.ts'
import { ProductError } from '#shared/errors.ts'
import { plus } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { devices } from '../storage/schema.ts'
import { type DeviceRow, type LiveStates, offlineAfterMs, toCard } from './device-cards.ts'
import { endDevice, isListed } from './device-ending.ts'

/** A card is told to the pages at most this often. */
const tellEveryMs = 400

export interface Devices {
  readonly live: LiveStates
  list(accountId: string): Promise<DeviceCard[]>
  card(accountId: string, deviceId: string): Promise<DeviceCard>
  rename(accountId: string, deviceId: string, name: string): Promise<DeviceCard>
  remove(accountId: string, deviceId: string, reason: 'device-removed' | 'left'): Promise<void>
  /** Something about it changed: pages are told soon, several changes at once. */
  changed(deviceId: string): void
  /** Tells now what changed until now; resolves when the pages have been told. */
  told(deviceId: string): Promise<void>
  /** The connection of these devices was there a moment ago. */
  touch(deviceIds: readonly string[]): Promise<void>
  /** Marks devices offline whose connection has been gone for too long. */
  sweep(): Promise<void>
  stop(): void
}

export function createDevices(context: PortalContext): Devices {
  const { db, clock, bus } = context
  const live: LiveStates = new Map()
  const news = createNews(context, live)
  return {
    live,
    list: async (accountId) => {
      const rows = await db.select().from(devices).where(eq(devices.accountId, accountId)).orderBy(devices.connectedAt)
      return rows.filter((row) => isListed(row.ended)).map((row) => toCard(row, live, clock.now()))
    },
    card: async (accountId, deviceId) => toCard(await findDevice(db, accountId, deviceId), live, clock.now()),
    rename: async (accountId, deviceId, name) => {
      await findDevice(db, accountId, deviceId)
      const [row] = await db.update(devices).set({ name }).where(eq(devices.id, deviceId)).returning()
      if (!row) throw new ProductError('not-found')
      bus.publish({ kind: 'device.renamed', deviceId, name })
      news.changed(deviceId)
      return toCard(row, live, clock.now())
    },
    remove: async (accountId, deviceId, reason) => {
      await findDevice(db, accountId, deviceId)
      const announce = await db.transaction((tx) => endDevice(context, tx, { accountId, deviceId, reason }))
      announce()
    },
    changed: news.changed,
    told: news.told,
    touch: async (deviceIds) => {
      if (deviceIds.length === 0) return
      await db
        .update(devices)
        .set({ lastContactAt: clock.now() })
        .where(inArray(devices.id, [...deviceIds]))
    },
    sweep: async () => {
      const gone = or(isNull(devices.lastContactAt), lt(devices.lastContactAt, plus(clock.now(), 1 - offlineAfterMs)))
      const rows = await db
        .update(devices)
        .set({ online: false })
        .where(and(eq(devices.online, true), gone))
        .returning({ id: devices.id })
      for (const { id } of rows) news.changed(id)
    },
    stop: news.stop,
  }
}

/** The device if it belongs to the account and is still on its list; `not-found` otherwise. */
export async function findDevice(db: Database, accountId: string, deviceId: string): Promise<DeviceRow> {
  const [row] = await db
    .select()
    .from(devices)
    .where(and(eq(devices.id, deviceId), eq(devices.accountId, accountId)))
  if (!row || !isListed(row.ended)) throw new ProductError('not-found')
  return row
}

/** As `findDevice`, and no other transaction changes the device's commands or objects until this one is through. */
export async function lockDevice(tx: Database, accountId: string, deviceId: string): Promise<DeviceRow> {
  const [row] = await tx
    .select()
    .from(devices)
    .where(and(eq(devices.id, deviceId), eq(devices.accountId, accountId)))
    .for('update')
  if (!row || !isListed(row.ended)) throw new ProductError('not-found')
  return row
}

/** State as it is known here, also when it has not been written down yet. */
export function stateOf(row: DeviceRow, live: LiveStates): DeviceState | null {
  return live.get(row.id) ?? row.state
}

/** Tells the pages of a change: the first at once, those that follow quickly as one. */
function createNews(context: PortalContext, live: LiveStates) {
  const waiting = new Map<string, { again: boolean; telling: Promise<void>; cancel: () => void }>()
  /** How often each was removed: what was read before it is not told after it. */
  const removals = new Map<string, number>()
  const unsubscribe = context.bus.subscribe((event) => {
    if (event.kind === 'device.removed') removals.set(event.deviceId, (removals.get(event.deviceId) ?? 0) + 1)
  })
  const tell = async (deviceId: string): Promise<void> => {
    const before = removals.get(deviceId)
    const [row] = await context.db.select().from(devices).where(eq(devices.id, deviceId))
    if (!row || !isListed(row.ended) || removals.get(deviceId) !== before) return
    context.bus.publish({
      kind: 'device.changed',
      accountId: row.accountId,
      card: toCard(row, live, context.clock.now()),
    })
  }
  const tellSafely = (deviceId: string): Promise<void> =>
    tell(deviceId).catch((error: unknown) =>
      context.log.error({ err: error, deviceId }, 'change of a device could not be told'),
    )
  const start = (deviceId: string): void => {
    const cancel = context.clock.after(tellEveryMs, () => next(deviceId))
    waiting.set(deviceId, { again: false, telling: tellSafely(deviceId), cancel })
  }
  const next = (deviceId: string): void => {
    const again = waiting.get(deviceId)?.again === true
    waiting.delete(deviceId)
    if (again) start(deviceId)
  }
  return {
    changed: (deviceId: string): void => {
      const entry = waiting.get(deviceId)
      if (entry) entry.again = true
      else start(deviceId)
    },
    told: async (deviceId: string): Promise<void> => {
      const entry = waiting.get(deviceId)
      if (entry?.again) {
        entry.again = false
        entry.telling = entry.telling.then(() => tellSafely(deviceId))
      }
      await entry?.telling
    },
    stop: (): void => {
      unsubscribe()
      for (const entry of waiting.values()) entry.cancel()
      waiting.clear()
    },
  }
}
