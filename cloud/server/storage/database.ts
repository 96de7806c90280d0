// Opens the database: PGlite in a folder (or in memory), or PostgreSQL. Applies the migrations before anything else uses it.
// A damaged database is reported and left exactly as it is; it is never created anew over existing files.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { sql } from 'drizzle-orm'
import { drizzle as drizzlePg } from 'drizzle-orm/node-postgres'
import { migrate as migratePg } from 'drizzle-orm/node-postgres/migrator'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle as drizzlePglite } from 'drizzle-orm/pglite'
import { migrate as migratePglite } from 'drizzle-orm/pglite/migrator'
import pg from 'pg'
import { ProductError } from '#shared/errors.ts'
import { lockFolder } from './folder-lock.ts'
import { makeDatabase } from './new-database.ts'

/** A database or a transaction of it. Inside a transaction use only what it hands over: the embedded one has one line. */
export type Database = PgDatabase<PgQueryResultHKT, Record<string, never>>

export interface Storage {
  readonly db: Database
  close(): Promise<void>
}

export interface StorageOptions {
  readonly databaseUrl: string | null
  /** Folder of the embedded database; null keeps it in memory. */
  readonly folder: string | null
  readonly migrations: string
  readonly onError: (error: unknown) => void
  /** Contents of a new embedded database (a dump of one); saves making it from nothing. */
  readonly seed?: Blob
}

/** Arbitrary, the same in every instance: only one at a time migrates. */
const migrationLock = 4_180_001

export async function openStorage(options: StorageOptions): Promise<Storage> {
  return options.databaseUrl === null ? openEmbedded(options) : openPostgres(options.databaseUrl, options)
}

async function openEmbedded({ folder, migrations, seed }: StorageOptions): Promise<Storage> {
  const isNew = folder === null || !existsSync(path.join(folder, 'PG_VERSION'))
  const unlock = folder === null ? () => undefined : prepareFolder(folder)
  let engine: PGlite | undefined
  try {
    if (isNew && folder !== null && !seed) await makeDatabase(folder)
    engine = await PGlite.create({
      ...(folder === null ? {} : { dataDir: folder }),
      ...(isNew && seed ? { loadDataDir: seed } : {}),
    })
    const db = drizzlePglite(engine)
    await db.execute(sql`select count(*) from pg_class`)
    await migratePglite(db, { migrationsFolder: migrations })
    const open = engine
    return {
      db: db as unknown as Database,
      close: async () => {
        await open.close()
        unlock()
      },
    }
  } catch (error) {
    await engine?.close().catch(() => undefined)
    unlock()
    throw new ProductError('storage-damaged', folder ?? 'memory', { cause: error })
  }
}

/** Locks the folder and refuses one that holds something else than a whole database. */
function prepareFolder(folder: string): () => void {
  mkdirSync(path.dirname(folder), { recursive: true, mode: 0o700 })
  const unlock = lockFolder(path.dirname(folder))
  const used = existsSync(folder) && readdirSync(folder).length > 0
  const whole = ['PG_VERSION', 'global/pg_control', 'base'].every((name) => existsSync(path.join(folder, name)))
  if (used && !whole) {
    unlock()
    throw new ProductError('storage-damaged', folder)
  }
  return unlock
}

async function openPostgres(url: string, { migrations, onError }: StorageOptions): Promise<Storage> {
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 10_000 })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', onError)
  try {
    const client = await pool.connect()
    try {
      await client.query('select pg_advisory_lock($1)', [migrationLock])
      await migratePg(drizzlePg(client), { migrationsFolder: migrations })
    } finally {
      await client.query('select pg_advisory_unlock($1)', [migrationLock]).catch(() => undefined)
      client.release()
    }
  } catch (error) {
    await pool.end()
    throw error
  }
  return { db: drizzlePg(pool) as unknown as Database, close: () => pool.end() }
}
