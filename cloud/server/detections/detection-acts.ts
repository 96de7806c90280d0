// What may be done with detected objects from the portal: one by one up to the limit, together beyond it. SECURITY: the
// server enforces the group, whatever the page shows (F2). Owns the refusals and the choice of a group's ids.
import { and, count, eq, inArray } from 'drizzle-orm'
import type { CommandBody } from '#shared/domain/command.ts'
import { actionsFor, type DetectionAction, isGrouped } from '#shared/domain/detection.ts'
import { DetectionId } from '#shared/domain/ids.ts'
import { ProductError } from '#shared/errors.ts'
import type { Database } from '../storage/database.ts'
import { detections } from '../storage/schema.ts'

/** Ids one command can carry; a larger group takes several clicks. */
const maxIds = 10_000

type Acts = Extract<CommandBody, { kind: 'detections.act' }>['args']

/**
 * The act as it can be carried out now. A page may list what was dealt with a moment ago: such objects are left out of
 * "process", which is for what is still to be reviewed. Throws `not-found` unless every id is an object of the device,
 * `grouped-objects` unless they may be acted on singly, `act-outdated` when one does not know the action (any more).
 */
export async function currentActs(tx: Database, deviceId: string, { action, ids }: Acts): Promise<Acts> {
  const wanted = [...new Set(ids)]
  const rows = await tx
    .select({ id: detections.id, unprocessed: detections.unprocessed, body: detections.body })
    .from(detections)
    .where(and(eq(detections.deviceId, deviceId), inArray(detections.id, wanted)))
  if (rows.length !== wanted.length) throw new ProductError('not-found')
  if (rows.some((row) => row.unprocessed) && isGrouped(await countUnprocessed(tx, deviceId)))
    throw new ProductError('grouped-objects')
  const knowing = new Set(rows.filter((row) => knows(row, action)).map((row) => row.id))
  const complete = action === 'process' ? knowing.size > 0 : knowing.size === wanted.length
  if (!complete) throw new ProductError('act-outdated')
  return { action, ids: wanted.filter((id) => knowing.has(id)) }
}

/** True when an act that was asked for has become the command `stored`: `process` may have lost objects on its way. */
export function isStoredAct(stored: CommandBody, asked: CommandBody): boolean {
  if (stored.kind !== 'detections.act' || asked.kind !== 'detections.act') return false
  const wanted = new Set(asked.args.ids)
  const isSame = stored.args.action === asked.args.action && stored.args.ids.every((id) => wanted.has(id))
  return isSame && (asked.args.action === 'process' || stored.args.ids.length === wanted.size)
}

/** Every unprocessed object as it is known now; `not-found` when there is none. */
export async function groupIds(tx: Database, deviceId: string): Promise<DetectionId[]> {
  const rows = await tx
    .select({ id: detections.id })
    .from(detections)
    .where(and(eq(detections.deviceId, deviceId), eq(detections.unprocessed, true)))
    .orderBy(detections.foundAt)
    .limit(maxIds)
  if (rows.length === 0) throw new ProductError('not-found')
  return rows.map((row) => DetectionId.parse(row.id))
}

export async function countUnprocessed(tx: Database, deviceId: string): Promise<number> {
  const [row] = await tx
    .select({ total: count() })
    .from(detections)
    .where(and(eq(detections.deviceId, deviceId), eq(detections.unprocessed, true)))
  return row?.total ?? 0
}

function knows(
  { unprocessed, body }: { unprocessed: boolean; body: Parameters<typeof actionsFor>[0] },
  action: DetectionAction,
): boolean {
  return action === 'process' ? unprocessed : actionsFor(body).includes(action)
}
