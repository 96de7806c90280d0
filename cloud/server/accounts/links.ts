// Links in messages: single use, 24 hours, stored as a hash. Owns their table; what a link does is decided by its user.
import { and, eq, gt, isNull, lt } from 'drizzle-orm'
import { ProductError } from '#shared/errors.ts'
import { plus } from '../clock.ts'
import type { Database } from '../storage/database.ts'
import { type LinkPurpose, links } from '../storage/schema.ts'
import { hashToken, newToken } from './tokens.ts'

export const linkLifetimeMs = 24 * 3_600_000
/** Used and expired links are remembered this long, so that they can be sent again. */
export const linkMemoryMs = 30 * 24 * 3_600_000

export type LinkRow = typeof links.$inferSelect

export interface NewLink {
  readonly purpose: LinkPurpose
  readonly email: string
  readonly proofHash?: string | null
}

/** Stores a link and returns its token. */
export async function issueLink(tx: Database, link: NewLink, now: Date): Promise<string> {
  const token = newToken()
  await tx.insert(links).values({
    tokenHash: hashToken(token),
    purpose: link.purpose,
    email: link.email,
    proofHash: link.proofHash ?? null,
    createdAt: now,
    expiresAt: plus(now, linkLifetimeMs),
  })
  return token
}

/** The link of a token whatever its state, or `link-unknown`. */
export async function findLink(tx: Database, token: string): Promise<LinkRow> {
  const [row] = await tx
    .select()
    .from(links)
    .where(eq(links.tokenHash, hashToken(token)))
  if (!row) throw new ProductError('link-unknown')
  return row
}

/** The link of a token if it can still be used. */
export async function usableLink(tx: Database, token: string, now: Date): Promise<LinkRow> {
  const row = await findLink(tx, token)
  if (row.usedAt !== null) throw new ProductError('link-used')
  if (row.expiresAt <= now) throw new ProductError('link-expired')
  return row
}

/** Uses a link up; two requests at once cannot both succeed. */
export async function consumeLink(tx: Database, token: string, now: Date): Promise<LinkRow> {
  const link = await usableLink(tx, token, now)
  const [used] = await tx
    .update(links)
    .set({ usedAt: now })
    .where(and(eq(links.tokenHash, link.tokenHash), isNull(links.usedAt)))
    .returning()
  if (!used) throw new ProductError('link-used')
  return used
}

/** Uses up every other link of an address, once one of them has done its work. */
export async function consumeOtherLinks(tx: Database, email: string, now: Date): Promise<void> {
  await tx
    .update(links)
    .set({ usedAt: now, proofHash: null })
    .where(and(eq(links.email, email), isNull(links.usedAt)))
}

/** The newest sign-up of an address that waits for its activation. */
export async function pendingSignUp(tx: Database, email: string, now: Date): Promise<LinkRow | undefined> {
  const rows = await tx
    .select()
    .from(links)
    .where(and(eq(links.email, email), eq(links.purpose, 'activate'), isNull(links.usedAt), gt(links.expiresAt, now)))
  return rows.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime())[0]
}

export async function forgetOldLinks(tx: Database, now: Date): Promise<void> {
  await tx.delete(links).where(lt(links.expiresAt, plus(now, -linkMemoryMs)))
}
