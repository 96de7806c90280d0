// What every part of the portal is built with. Owns no behaviour.
import type { Bus } from './bus.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import type { Database } from './storage/database.ts'

export interface PortalContext {
  readonly db: Database
  readonly clock: Clock
  readonly log: Log
  readonly bus: Bus
  /** Random, made once, kept in the database. Never leaves the server. */
  readonly serverSecret: Buffer
  /** Origin of the portal as people and devices use it; known for certain once it listens. */
  publicUrl(): string
}
