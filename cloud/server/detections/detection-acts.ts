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

/** Throws unless every id is an object of the device, may be acted on singly now, and knows the action. */
export async function checkActs(tx: Database, deviceId: string, { action, ids }: Acts): Promise<void> {
  const wanted = [...new Set<string>(ids)]
  const rows = await tx
    .select({ unprocessed: detections.unprocessed, body: detections.body })
    .from(detections)
    .where(and(eq(detections.deviceId, deviceId), inArray(detections.id, wanted)))
  if (rows.length !== wanted.length) throw new ProductError('not-found')
  if (rows.some((row) => row.unprocessed) && isGrouped(await countUnprocessed(tx, deviceId)))
    throw new ProductError('grouped-objects')
  if (rows.some((row) => !knows(row, action))) throw new ProductError('bad-request', 'action')
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
