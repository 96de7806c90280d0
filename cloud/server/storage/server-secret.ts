// The server's own secret: 32 random bytes, made at the first start and kept in the database, so that every instance and
// every restart answers alike. Owns nothing else.
import { randomBytes } from 'node:crypto'
import { eq } from 'drizzle-orm'
import type { Database } from './database.ts'
import { settings } from './schema.ts'

const key = 'server-secret'

export async function loadServerSecret(db: Database): Promise<Buffer> {
  await db
    .insert(settings)
    .values({ key, value: randomBytes(32).toString('base64') })
    .onConflictDoNothing()
  const [row] = await db.select().from(settings).where(eq(settings.key, key))
  if (!row) throw new Error('server secret was not stored')
  return Buffer.from(row.value, 'base64')
}
