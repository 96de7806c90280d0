// Rows of commands, and the one way their status changes: forwards only, with the time of every step. Owns the table;
// who may ask for what is decided in command-service.ts.
import { and, eq, gt, inArray, lte } from 'drizzle-orm'
import { CommandRecord, type CommandResult, type CommandStatus, isFinal, mayFollow } from '#shared/domain/command.ts'
import { iso, plus } from '../clock.ts'
import type { Database } from '../storage/database.ts'
import { commands, devices } from '../storage/schema.ts'

export type CommandRow = typeof commands.$inferSelect

/** A delivered command whose device never came back is given up this long after its expiry. */
const lostAfterMs = 24 * 3_600_000

export function toRecord(row: CommandRow): CommandRecord {
  const { id, deviceId, body, issuedBy, status, times, progress, result } = row
  return CommandRecord.parse({
    id,
    deviceId,
    body,
    issuedBy,
    issuedAt: iso(row.issuedAt),
    expiresAt: iso(row.expiresAt),
    status,
    times,
    progress,
    result,
  })
}

export interface Advance {
  readonly deviceId: string
  readonly commandId: string
  readonly status: CommandStatus
  readonly at: Date
  readonly result?: CommandResult | null
}

/** A device answers an offer within this time, or the offer is taken as lost. */
export const offerLeaseMs = 15_000

/** Marks a planned command as being offered; undefined when it is not planned any more. */
export async function markOffered(
  db: Database,
  deviceId: string,
  id: string,
  now: Date,
): Promise<CommandRow | undefined> {
  const planned = and(eq(commands.deviceId, deviceId), eq(commands.id, id), eq(commands.status, 'planned'))
  const [row] = await db
    .update(commands)
    .set({ offeredAt: now })
    .where(and(planned, gt(commands.expiresAt, now)))
    .returning()
  return row
}

/** True while the device may be about to accept it. */
export function isOnItsWay(row: Pick<CommandRow, 'offeredAt'>, now: Date): boolean {
  return row.offeredAt !== null && row.offeredAt > plus(now, -offerLeaseMs)
}

/** Moves a command forward; undefined when it is unknown or the status would go back or stay. */
export async function advance(tx: Database, step: Advance): Promise<CommandRecord | undefined> {
  const mine = and(eq(commands.deviceId, step.deviceId), eq(commands.id, step.commandId))
  const [row] = await tx.select().from(commands).where(mine).for('update')
  if (!row || !mayFollow(row.status, step.status)) return undefined
  const [changed] = await tx
    .update(commands)
    .set({
      status: step.status,
      times: [...row.times, ...impliedDelivery(row, step), { status: step.status, at: iso(step.at) }],
      ...(isFinal(step.status) ? { progress: null } : {}),
      ...(step.result === undefined ? {} : { result: step.result }),
    })
    .where(mine)
    .returning()
  return changed && toRecord(changed)
}

/** A device that tells of its work before its answer to the offer arrived has received the command all the same. */
function impliedDelivery({ status }: CommandRow, step: Advance): CommandRow['times'] {
  const byDevice = step.status === 'running' || step.status === 'done' || step.status === 'failed'
  return status === 'planned' && byDevice ? [{ status: 'delivered', at: iso(step.at) }] : []
}

/** Cancels what is planned and gives up what runs, when a device is disconnected. */
export async function cancelOpenCommands(tx: Database, deviceId: string, at: Date): Promise<CommandRecord[]> {
  const open = await tx
    .select({ id: commands.id })
    .from(commands)
    .where(and(eq(commands.deviceId, deviceId), inArray(commands.status, ['planned', 'delivered', 'running'])))
  const changed: CommandRecord[] = []
  for (const { id } of open) {
    const record = await advance(tx, { deviceId, commandId: id, status: 'cancelled', at })
    if (record) changed.push(record)
  }
  return changed
}

/** Ends what has expired: planned commands at once, delivered ones whose device has been gone ever since. */
export async function expireDue(db: Database, now: Date): Promise<{ accountId: string; command: CommandRecord }[]> {
  const due = await db
    .select({ command: commands, accountId: devices.accountId, online: devices.online })
    .from(commands)
    .innerJoin(devices, eq(devices.id, commands.deviceId))
    .where(and(inArray(commands.status, ['planned', 'delivered', 'running']), lte(commands.expiresAt, now)))
    .limit(1000)
  const ended: { accountId: string; command: CommandRecord }[] = []
  for (const { command, accountId, online } of due) {
    const lost = !online && command.expiresAt <= plus(now, -lostAfterMs)
    if (command.status !== 'planned' && !lost) continue
    const step = { deviceId: command.deviceId, commandId: command.id, status: 'expired', at: now } as const
    const record = await db.transaction((tx) => advance(tx, step))
    if (record) ended.push({ accountId, command: record })
  }
  return ended
}
