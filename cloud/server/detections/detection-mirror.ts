// The mirror of a device's ledger: whole objects by id and revision, older revisions dropped; each knows the epoch in which it
// was last told. Owns the writes.
import { and, eq, inArray, ne, or, sql } from 'drizzle-orm'
import { type Detection, isUnprocessed } from '#shared/domain/detection.ts'
import type { Database } from '../storage/database.ts'
import { detections } from '../storage/schema.ts'

/** Takes objects over; of several revisions of one object only the highest matters. */
export async function mirrorDetections(
  tx: Database,
  { deviceId, epoch }: { deviceId: string; epoch: string },
  incoming: readonly Detection[],
): Promise<void> {
  const newest = new Map<string, Detection>()
  for (const detection of incoming) {
    const known = newest.get(detection.id)
    if (!known || detection.rev > known.rev) newest.set(detection.id, detection)
  }
  if (newest.size === 0) return
  const excluded = (column: string) => sql.raw(`excluded.${column}`)
  await tx
    .insert(detections)
    .values([...newest.values()].map((detection) => toRow(deviceId, epoch, detection)))
    .onConflictDoUpdate({
      target: [detections.deviceId, detections.id],
      set: {
        rev: excluded('rev'),
        state: excluded('state'),
        unprocessed: excluded('unprocessed'),
        risk: excluded('risk'),
        foundBy: excluded('found_by'),
        foundAt: excluded('found_at'),
        body: excluded('body'),
      },
      setWhere: sql`${detections.rev} < excluded.rev`,
    })
  await tx
    .update(detections)
    .set({ epoch })
    .where(
      and(eq(detections.deviceId, deviceId), inArray(detections.id, [...newest.keys()]), ne(detections.epoch, epoch)),
    )
}

/**
 * The device has told everything it knows in this epoch: what is still to be dealt with and was not told again is not on the
 * device any more. What was treated stays as history. True when anything went.
 */
export async function dropForgotten(tx: Database, deviceId: string, epoch: string): Promise<boolean> {
  const gone = await tx
    .delete(detections)
    .where(
      and(
        eq(detections.deviceId, deviceId),
        ne(detections.epoch, epoch),
        or(eq(detections.unprocessed, true), eq(detections.state, 'at-restart')),
      ),
    )
    .returning({ id: detections.id })
  return gone.length > 0
}

export async function dropDetections(tx: Database, deviceId: string, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx.delete(detections).where(and(eq(detections.deviceId, deviceId), inArray(detections.id, [...ids])))
}

function toRow(deviceId: string, epoch: string, detection: Detection): typeof detections.$inferInsert {
  return {
    deviceId,
    id: detection.id,
    rev: detection.rev,
    epoch,
    state: detection.state,
    unprocessed: isUnprocessed(detection.state),
    risk: detection.risk,
    foundBy: detection.scanType,
    foundAt: new Date(detection.foundAt),
    body: detection,
  }
}
