// Slows guessing down: per account (known or not) and per network address. Every attempt is counted before it is checked,
// so that many at once gain nothing; a right one clears its account's count. Owns the table of attempts.
import { eq, lt, sql } from 'drizzle-orm'
import { ProductError } from '#shared/errors.ts'
import { plus } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import type { Database } from '../storage/database.ts'
import { signInAttempts } from '../storage/schema.ts'
import { keyed } from './tokens.ts'

interface Allowance {
  /** Attempts that cost nothing. */
  readonly free: number
  readonly firstDelayMs: number
  readonly longestDelayMs: number
}

/** A network address may be shared by a whole household, hence its larger allowance. */
export const signInAllowances = {
  account: { free: 3, firstDelayMs: 2_000, longestDelayMs: 15 * 60_000 },
  network: { free: 10, firstDelayMs: 2_000, longestDelayMs: 15 * 60_000 },
} as const satisfies Record<string, Allowance>

/** Attempts are forgotten after this long without another one. */
export const attemptMemoryMs = 30 * 60_000

export interface SignInGuard {
  /** Counts an attempt. Throws `slow-down` (detail: ms to wait) without counting when it comes too early. */
  attempt(email: string, networkAddress: string): Promise<void>
  /** The attempt was right: the account starts anew, the network address has only this one taken back. */
  succeeded(email: string, networkAddress: string): Promise<void>
  forgetOld(): Promise<void>
}

export function createSignInGuard({ db, clock, serverSecret }: PortalContext): SignInGuard {
  const keyFor = (kind: 'account' | 'network', value: string) =>
    keyed(serverSecret, `attempt/${kind}`, value).toString('base64url')
  return {
    attempt: async (email, networkAddress) => {
      const wait = await db.transaction(async (tx) => {
        const now = clock.now()
        const rows = [
          await readAttempt(tx, keyFor('account', email), now),
          await readAttempt(tx, keyFor('network', networkAddress), now),
        ] as const
        const waitMs = Math.max(...rows.map((row) => row.blockedUntil.getTime() - now.getTime()))
        if (waitMs > 0) return waitMs
        await countAttempt(tx, rows[0], signInAllowances.account, now)
        await countAttempt(tx, rows[1], signInAllowances.network, now)
        return 0
      })
      if (wait > 0) throw new ProductError('slow-down', String(Math.ceil(wait)))
    },
    succeeded: async (email, networkAddress) => {
      await db.delete(signInAttempts).where(eq(signInAttempts.key, keyFor('account', email)))
      const now = clock.now()
      await db
        .update(signInAttempts)
        .set({ failures: sql`greatest(${signInAttempts.failures} - 1, 0)`, blockedUntil: now })
        .where(eq(signInAttempts.key, keyFor('network', networkAddress)))
    },
    forgetOld: async () => {
      await db.delete(signInAttempts).where(lt(signInAttempts.lastAt, plus(clock.now(), -attemptMemoryMs)))
    },
  }
}

interface Attempt {
  readonly key: string
  readonly failures: number
  readonly blockedUntil: Date
}

async function readAttempt(tx: Database, key: string, now: Date): Promise<Attempt> {
  await tx.insert(signInAttempts).values({ key, failures: 0, lastAt: now, blockedUntil: now }).onConflictDoNothing()
  const [row] = await tx.select().from(signInAttempts).where(eq(signInAttempts.key, key)).for('update')
  if (!row || row.lastAt < plus(now, -attemptMemoryMs)) return { key, failures: 0, blockedUntil: now }
  return row
}

async function countAttempt(tx: Database, row: Attempt, allowance: Allowance, now: Date): Promise<void> {
  const failures = row.failures + 1
  const beyond = failures - allowance.free
  const delay = beyond < 0 ? 0 : Math.min(allowance.firstDelayMs * 2 ** Math.min(beyond, 20), allowance.longestDelayMs)
  await tx
    .update(signInAttempts)
    .set({ failures, lastAt: now, blockedUntil: plus(now, delay) })
    .where(eq(signInAttempts.key, row.key))
}
