// Detected objects as the page shows them: one by one up to the limit, as a group beyond it. Owns the views.
import { and, count, desc, eq, max, min, not, or, type SQL, sql } from 'drizzle-orm'
import type { z } from 'zod'
import type { DetectionPage, deviceApi } from '#shared/cloud-protocol/http-api.ts'
import { type Detection, isGrouped } from '#shared/domain/detection.ts'
import { ProductError } from '#shared/errors.ts'
import { iso } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import { findDevice } from '../devices/device-service.ts'
import type { Database } from '../storage/database.ts'
import { detections } from '../storage/schema.ts'
import { countUnprocessed } from './detection-acts.ts'

type Query = z.output<typeof deviceApi.detections.query>
type Answer = z.input<typeof deviceApi.detections.answer>

export interface Detections {
  list(accountId: string, deviceId: string, query: Query): Promise<Answer>
  one(accountId: string, deviceId: string, detectionId: string): Promise<Detection>
}

export function createDetections({ db }: PortalContext): Detections {
  return {
    list: async (accountId, deviceId, query) => {
      await findDevice(db, accountId, deviceId)
      const counts = await countViews(db, deviceId)
      // While there is a group, no view shows its objects one by one.
      const grouped = isGrouped(counts.toReview) && query.view !== 'treated'
      return { counts, page: grouped ? await group(db, deviceId, counts.toReview) : await page(db, deviceId, query) }
    },
    one: async (accountId, deviceId, detectionId) => {
      await findDevice(db, accountId, deviceId)
      const [row] = await db
        .select()
        .from(detections)
        .where(and(eq(detections.deviceId, deviceId), eq(detections.id, detectionId)))
      if (!row) throw new ProductError('not-found')
      if (row.unprocessed && isGrouped(await countUnprocessed(db, deviceId))) throw new ProductError('grouped-objects')
      return row.body
    },
  }
}

const waiting = eq(detections.state, 'at-restart')
const unprocessed = eq(detections.unprocessed, true)

/** Waiting for a restart is listed with what is to review, but not counted. */
function inView(deviceId: string, view: Query['view']): SQL | undefined {
  const mine = eq(detections.deviceId, deviceId)
  if (view === 'all') return mine
  return and(mine, view === 'to-review' ? or(unprocessed, waiting) : and(not(unprocessed), not(waiting)))
}

async function countViews(db: Database, deviceId: string): Promise<Answer['counts']> {
  const [row] = await db
    .select({
      all: count(),
      toReview: sql<number>`count(*) filter (where ${unprocessed})`.mapWith(Number),
      atRestart: sql<number>`count(*) filter (where ${waiting})`.mapWith(Number),
    })
    .from(detections)
    .where(eq(detections.deviceId, deviceId))
  const { all, toReview, atRestart } = row ?? { all: 0, toReview: 0, atRestart: 0 }
  return { all, toReview, atRestart, treated: all - toReview - atRestart }
}

async function page(
  db: Database,
  deviceId: string,
  { view, limit, offset }: Query,
): Promise<z.input<typeof DetectionPage>> {
  const where = inView(deviceId, view)
  const [total] = await db.select({ total: count() }).from(detections).where(where)
  const rows = await db
    .select({ body: detections.body })
    .from(detections)
    .where(where)
    .orderBy(desc(detections.foundAt), detections.id)
    .limit(limit)
    .offset(offset)
  return { kind: 'list', total: total?.total ?? 0, objects: rows.map((row) => row.body) }
}

async function group(db: Database, deviceId: string, total: number): Promise<z.input<typeof DetectionPage>> {
  const where = and(eq(detections.deviceId, deviceId), unprocessed)
  const byRisk = await db
    .select({ risk: detections.risk, objects: count() })
    .from(detections)
    .where(where)
    .groupBy(detections.risk)
  const byFinder = await db.selectDistinct({ foundBy: detections.foundBy }).from(detections).where(where).limit(10)
  const [span] = await db
    .select({ oldest: min(detections.foundAt), newest: max(detections.foundAt) })
    .from(detections)
    .where(where)
  const ofRisk = (risk: Detection['risk']) => byRisk.find((row) => row.risk === risk)?.objects ?? 0
  const epoch = new Date(0)
  return {
    kind: 'group',
    total,
    risk: { high: ofRisk('high'), medium: ofRisk('medium'), low: ofRisk('low') },
    foundBy: byFinder.map((row) => row.foundBy).sort(),
    oldestAt: iso(span?.oldest ?? epoch),
    newestAt: iso(span?.newest ?? epoch),
  }
}
