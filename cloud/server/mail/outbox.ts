// Messages that wait to be sent. A message is written in the transaction of its cause, so neither exists without the other.
// Owns the table; sending is the worker's.
import { randomUUID } from 'node:crypto'
import { and, count, eq, gt, inArray, lt, ne } from 'drizzle-orm'
import { plus } from '../clock.ts'
import type { Database } from '../storage/database.ts'
import { mailOutbox } from '../storage/schema.ts'
import type { Message } from './messages.ts'

/** Messages of one purpose that an address can be made to receive in an hour; more are silently not sent. */
export const messagesPerHour = 6

export type OutboxRow = typeof mailOutbox.$inferSelect

/**
 * Puts a message into the outbox. `deliver` false writes the same row without ever sending it, so that the answer to an
 * unknown address takes as long as that to a known one.
 */
export async function enqueue(
  tx: Database,
  recipient: string,
  message: Message,
  now: Date,
  deliver = true,
): Promise<void> {
  const [recent] = await tx
    .select({ sent: count() })
    .from(mailOutbox)
    .where(
      and(
        eq(mailOutbox.recipient, recipient),
        eq(mailOutbox.purpose, message.purpose),
        gt(mailOutbox.createdAt, plus(now, -3_600_000)),
        ne(mailOutbox.status, 'dropped'),
      ),
    )
  const wanted = deliver && (recent?.sent ?? 0) < messagesPerHour
  await tx.insert(mailOutbox).values({
    id: randomUUID(),
    recipient,
    purpose: message.purpose,
    subject: message.subject,
    text: wanted ? message.text : '',
    html: wanted ? message.html : '',
    status: wanted ? 'queued' : 'dropped',
    attempts: 0,
    nextAttemptAt: now,
    createdAt: now,
    lastError: null,
  })
}

/** Takes due messages for `leaseMs`: another instance, or this one after a crash, tries again only then. */
export async function claimDue(db: Database, now: Date, leaseMs: number): Promise<OutboxRow[]> {
  return db.transaction(async (tx) => {
    const due = await tx
      .select()
      .from(mailOutbox)
      .where(and(eq(mailOutbox.status, 'queued'), lt(mailOutbox.nextAttemptAt, plus(now, 1))))
      .orderBy(mailOutbox.createdAt)
      .limit(10)
      .for('update', { skipLocked: true })
    const ids = due.map((row) => row.id)
    if (ids.length === 0) return []
    await tx
      .update(mailOutbox)
      .set({ nextAttemptAt: plus(now, leaseMs) })
      .where(inArray(mailOutbox.id, ids))
    return due
  })
}

/** The message is with the mail server (or given up): its text, and the link in it, is forgotten. */
export async function finish(
  db: Database,
  id: string,
  status: 'sent' | 'failed',
  lastError: string | null,
): Promise<void> {
  await db.update(mailOutbox).set({ status, text: '', html: '', lastError }).where(eq(mailOutbox.id, id))
}

export async function postpone(db: Database, row: OutboxRow, next: Date, lastError: string): Promise<void> {
  await db
    .update(mailOutbox)
    .set({ attempts: row.attempts + 1, nextAttemptAt: next, lastError })
    .where(eq(mailOutbox.id, row.id))
}

export async function forgetOldMail(db: Database, now: Date): Promise<void> {
  await db
    .delete(mailOutbox)
    .where(and(ne(mailOutbox.status, 'queued'), lt(mailOutbox.createdAt, plus(now, -7 * 24 * 3_600_000))))
}
