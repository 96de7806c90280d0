// Sessions of the web page: a random token in a cookie, its hash here. Owns making, finding and ending them.
import { randomUUID } from 'node:crypto'
import { and, eq, gt, lt } from 'drizzle-orm'
import { plus } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { accounts, sessions } from '../storage/schema.ts'
import { hashToken, newToken } from './tokens.ts'

export const sessionLifetimeMs = 30 * 24 * 3_600_000

/** Who asks, as far as the server is sure of it. */
export interface SignedIn {
  readonly sessionId: string
  readonly accountId: string
  readonly email: string
  readonly createdAt: Date
}

export interface Sessions {
  start(accountId: string): Promise<{ token: string; sessionId: string }>
  /** Undefined: no such session, or it is over. */
  find(token: string): Promise<SignedIn | undefined>
  end(session: SignedIn): Promise<void>
  forgetOld(): Promise<void>
}

export function createSessions({ db, clock, bus }: PortalContext): Sessions {
  return {
    start: async (accountId) => {
      const token = newToken()
      const sessionId = randomUUID()
      const now = clock.now()
      await db.insert(sessions).values({
        id: sessionId,
        tokenHash: hashToken(token),
        accountId,
        createdAt: now,
        expiresAt: plus(now, sessionLifetimeMs),
      })
      return { token, sessionId }
    },
    find: async (token) => {
      const [row] = await db
        .select({
          sessionId: sessions.id,
          accountId: accounts.id,
          email: accounts.email,
          createdAt: accounts.createdAt,
        })
        .from(sessions)
        .innerJoin(accounts, eq(accounts.id, sessions.accountId))
        .where(and(eq(sessions.tokenHash, hashToken(token)), gt(sessions.expiresAt, clock.now())))
      return row
    },
    end: async ({ sessionId, accountId }) => {
      await db.delete(sessions).where(eq(sessions.id, sessionId))
      bus.publish({ kind: 'session.ended', accountId, sessionId })
    },
    forgetOld: async () => {
      await db.delete(sessions).where(lt(sessions.expiresAt, clock.now()))
    },
  }
}

/** Ends every session of an account; the caller tells the bus once its transaction is through. */
export async function endAllSessions(tx: Database, accountId: string): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.accountId, accountId))
}
