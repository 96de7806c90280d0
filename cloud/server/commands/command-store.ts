// Rows of commands, and the one way their status changes: forwards only, with the time of every step; only an end the portal
// made up without hearing the device gives way to what the device tells. Owns the table; who may ask for what is decided in
// command-service.ts.
import { and, eq, gt, inArray, isNull, lt, lte, ne, or } from 'drizzle-orm'
import {
  type CommandBody,
  CommandRecord,
  type CommandResult,
  type CommandStatus,
  isFinal,
  mayFollow,
} from '#shared/domain/command.ts'
import { iso, plus } from '../clock.ts'
import type { Database } from '../storage/database.ts'
import { commands, devices } from '../storage/schema.ts'

export type CommandRow = typeof commands.$inferSelect

/** A delivered command whose device never came back is given up this long after its expiry. */
const lostAfterMs = 24 * 3_600_000

export function toRecord(row: CommandRow): CommandRecord {
  const { id, deviceId, issuedBy, status, times, progress, result } = row
  return CommandRecord.parse({
    id,
    deviceId,
    ...shownBody(row.body),
    issuedBy,
    issuedAt: iso(row.issuedAt),
    expiresAt: iso(row.expiresAt),
    status,
    times,
    progress,
    result,
  })
}

/** Ids of objects that travel with a record; a group has thousands. */
export const shownIds = 20

function shownBody(body: CommandBody): Pick<CommandRecord, 'body' | 'objectCount'> {
  if (body.kind !== 'detections.act') return { body }
  const { action, ids } = body.args
  return { body: { ...body, args: { action, ids: ids.slice(0, shownIds) } }, objectCount: ids.length }
}

export interface Advance {
  readonly deviceId: string
  readonly commandId: string
  readonly status: CommandStatus
  readonly at: Date
  readonly result?: CommandResult | null
  /** The device says so itself; otherwise it is the portal's decision. */
  readonly byDevice?: true
  /** The portal concludes it from what the device does not say. */
  readonly presumed?: true
}

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

/** True while nobody here knows whether the device has it: it was offered, and no answer came. */
export function isUnanswered(row: Pick<CommandRow, 'status' | 'offeredAt'>): boolean {
  return row.status === 'planned' && row.offeredAt !== null
}

/** Moves a command forward, or from an unconfirmed end to the truth; undefined when it is unknown or nothing changes. */
export async function advance(tx: Database, step: Advance): Promise<CommandRecord | undefined> {
  const mine = and(eq(commands.deviceId, step.deviceId), eq(commands.id, step.commandId))
  const [row] = await tx.select().from(commands).where(mine).for('update')
  if (!row) return undefined
  const corrects = isTruer(row, step)
  if (!corrects && !mayFollow(row.status, step.status)) return undefined
  const [changed] = await tx
    .update(commands)
    .set({
      status: step.status,
      times: [...row.times, ...impliedDelivery(row, step), { status: step.status, at: iso(step.at) }],
      unconfirmed: isFinal(step.status) && !step.byDevice && (step.presumed === true || isUnanswered(row)),
      ...(isFinal(step.status) ? { progress: null } : {}),
      ...(step.result === undefined && !corrects ? {} : { result: step.result ?? null }),
    })
    .where(mine)
    .returning()
  return changed && toRecord(changed)
}

/** The device tells of work on a command that was ended here without hearing it. */
function isTruer(row: CommandRow, step: Advance): boolean {
  return row.unconfirmed && step.byDevice === true && tellsOfWork(step.status)
}

/** A device that tells of its work before its answer to the offer arrived has received the command all the same. */
function impliedDelivery({ times }: CommandRow, step: Advance): CommandRow['times'] {
  const known = times.some((time) => time.status === 'delivered')
  return !known && tellsOfWork(step.status) && !step.presumed ? [{ status: 'delivered', at: iso(step.at) }] : []
}

function tellsOfWork(status: CommandStatus): boolean {
  return status === 'running' || status === 'done' || status === 'failed'
}

/** The device has told of these commands in this epoch. */
export async function markHeard(tx: Database, deviceId: string, ids: readonly string[], epoch: string): Promise<void> {
  if (ids.length === 0) return
  await tx
    .update(commands)
    .set({ heardEpoch: epoch })
    .where(and(eq(commands.deviceId, deviceId), inArray(commands.id, [...ids])))
}

/**
 * Ends what is under way although the device, which has told everything it knows in this epoch, did not tell of it: it lost
 * its journal. What was offered since it connected may be told of later.
 */
export async function endForgotten(
  tx: Database,
  { deviceId, epoch, connectedAt, at }: { deviceId: string; epoch: string; connectedAt: Date; at: Date },
): Promise<CommandRecord[]> {
  const rows = await tx
    .select({ id: commands.id })
    .from(commands)
    .where(
      and(
        eq(commands.deviceId, deviceId),
        inArray(commands.status, ['delivered', 'running']),
        or(isNull(commands.heardEpoch), ne(commands.heardEpoch, epoch)),
        or(isNull(commands.offeredAt), lt(commands.offeredAt, connectedAt)),
      ),
    )
  return presumeLost(
    tx,
    deviceId,
    rows.map((row) => row.id),
    at,
  )
}

/** Ends commands that the device does not know. */
export async function presumeLost(
  tx: Database,
  deviceId: string,
  ids: readonly string[],
  at: Date,
): Promise<CommandRecord[]> {
  const ended: CommandRecord[] = []
  for (const commandId of ids) {
    const result: CommandResult = { error: 'aborted' }
    const record = await advance(tx, { deviceId, commandId, status: 'failed', at, result, presumed: true })
    if (record) ended.push(record)
  }
  return ended
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
