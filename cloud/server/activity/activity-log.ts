// What happened on a device, in the device's own words, kept 90 days. Owns the table; nothing can edit or empty it.
import { desc, eq, lt } from 'drizzle-orm'
import type { z } from 'zod'
import type { deviceApi } from '#shared/cloud-protocol/http-api.ts'
import { iso, plus } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import { findDevice } from '../devices/device-service.ts'
import { activity } from '../storage/schema.ts'

export const activityHistoryMs = 90 * 24 * 3_600_000

type Entries = z.input<typeof deviceApi.activity.answer>['entries']

export interface ActivityLog {
  list(accountId: string, deviceId: string, limit: number): Promise<Entries>
  forgetOld(): Promise<void>
}

export function createActivityLog({ db, clock }: PortalContext): ActivityLog {
  return {
    list: async (accountId, deviceId, limit) => {
      await findDevice(db, accountId, deviceId)
      const rows = await db
        .select()
        .from(activity)
        .where(eq(activity.deviceId, deviceId))
        .orderBy(desc(activity.at), desc(activity.ordinal))
        .limit(limit)
      return rows.map((row) => ({ at: iso(row.at), text: row.body.text, grade: row.body.grade }))
    },
    forgetOld: async () => {
      await db.delete(activity).where(lt(activity.at, plus(clock.now(), -activityHistoryMs)))
    },
  }
}
