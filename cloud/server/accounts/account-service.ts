// Accounts: asked for, confirmed by a link, given a password, reset. Every answer that a stranger can get is the same for
// known and unknown addresses, in content and in the work done for it. Owns the account rows; never sees a password.
import { randomUUID } from 'node:crypto'
import { eq } from 'drizzle-orm'
import { ProductError } from '#shared/errors.ts'
import type { PortalContext } from '../context.ts'
import { endDevicesOf } from '../devices/device-ending.ts'
import {
  accountExistsMessage,
  activateMessage,
  createAccountMessage,
  passwordChangedMessage,
  resetMessage,
} from '../mail/messages.ts'
import { enqueue } from '../mail/outbox.ts'
import type { Database } from '../storage/database.ts'
import { accounts, type LinkPurpose } from '../storage/schema.ts'
import {
  consumeLink,
  consumeOtherLinks,
  findLink,
  issueLink,
  type LinkRow,
  type NewLink,
  pendingSignUp,
  usableLink,
} from './links.ts'
import { checkProof, hashProof } from './proof-hash.ts'
import { endAllSessions } from './sessions.ts'
import { createSignInGuard, type SignInGuard } from './slow-down.ts'
import { normaliseEmail, saltOf } from './tokens.ts'

export type AccountRow = typeof accounts.$inferSelect

/** A new password may not be one of this many before it (A5). */
const rememberedPasswords = 3

export interface Accounts {
  readonly guard: SignInGuard
  salt(email: string): string
  create(email: string): Promise<void>
  reset(email: string): Promise<void>
  link(token: string): Promise<{ purpose: LinkPurpose; email: string; salt: string }>
  setPassword(token: string, proof: string): Promise<void>
  resend(token: string): Promise<void>
  signUp(email: string, salt: string, proof: string): Promise<void>
  activate(token: string): Promise<void>
  /** The account of a right address and proof. Throws slow-down, wrong-credentials or not-activated. */
  verify(email: string, proof: string, networkAddress: string): Promise<AccountRow>
}

export function createAccounts(context: PortalContext, wakeMail: () => void): Accounts {
  const { db, serverSecret } = context
  const guard = createSignInGuard(context)
  const writeMail = async (work: (tx: Database) => Promise<void>) => {
    await db.transaction(work)
    wakeMail()
  }
  const ask = (purpose: LinkPurpose, typed: string, proofHash: string | null) => {
    const email = normaliseEmail(typed)
    return writeMail((tx) => sendLink(context, tx, { purpose, email, proofHash }))
  }
  return {
    guard,
    salt: (email) => saltOf(serverSecret, email),
    create: (email) => ask('create', email, null),
    reset: (email) => ask('reset', email, null),
    link: async (token) => {
      const { purpose, email } = await usableLink(db, token, context.clock.now())
      return { purpose, email, salt: saltOf(serverSecret, email) }
    },
    setPassword: (token, proof) => setPassword(context, wakeMail, token, proof),
    resend: async (token) => {
      const { purpose, email, proofHash } = await findLink(db, token)
      await ask(purpose, email, proofHash)
    },
    signUp: async (email, salt, proof) => {
      if (salt !== saltOf(serverSecret, email)) throw new ProductError('bad-request', 'salt')
      await ask('activate', email, await hashProof(proof))
    },
    activate: (token) =>
      db.transaction(async (tx) => {
        const link = await consumeLink(tx, token, context.clock.now())
        if (link.purpose !== 'activate' || link.proofHash === null) throw new ProductError('link-unknown')
        await makeAccount(context, tx, link, link.proofHash)
      }),
    verify: (email, proof, networkAddress) =>
      verify(context, guard, { email: normaliseEmail(email), proof, networkAddress }),
  }
}

/** One link and one message, whatever is known of the address; where there is nothing to say the message is not sent. */
async function sendLink(context: PortalContext, tx: Database, link: NewLink): Promise<void> {
  const now = context.clock.now()
  const portalUrl = context.publicUrl()
  const known = (await findAccount(tx, link.email)) !== undefined
  // A sign-up whose link was used up by another one has nothing left to activate.
  const purpose = link.purpose === 'activate' && !link.proofHash ? 'create' : link.purpose
  const token = await issueLink(tx, { ...link, purpose }, now)
  if (purpose === 'reset')
    return enqueue(tx, link.email, resetMessage(`${portalUrl}/password?token=${token}`), now, known)
  if (known) return enqueue(tx, link.email, accountExistsMessage(portalUrl), now)
  const message =
    purpose === 'activate'
      ? activateMessage(`${portalUrl}/activate?token=${token}`)
      : createAccountMessage(`${portalUrl}/password?token=${token}`)
  return enqueue(tx, link.email, message, now)
}

async function setPassword(context: PortalContext, wakeMail: () => void, token: string, proof: string): Promise<void> {
  const { db, clock } = context
  const proofHash = await hashProof(proof)
  const known = await usableLink(db, token, clock.now())
  const before = await findAccount(db, known.email)
  if (known.purpose === 'reset' && before && (await wasUsed(before, proof)))
    throw new ProductError('weak-password', 'recent')
  const announce = await db.transaction(async (tx) => {
    const link = await consumeLink(tx, token, clock.now())
    if (link.purpose === 'activate') throw new ProductError('link-unknown')
    if (link.purpose === 'reset') return resetPassword(context, tx, link, proofHash)
    await makeAccount(context, tx, link, proofHash)
    return () => undefined
  })
  announce()
  wakeMail()
}

async function makeAccount(
  { clock, serverSecret }: PortalContext,
  tx: Database,
  link: LinkRow,
  proofHash: string,
): Promise<void> {
  const now = clock.now()
  const made = await tx
    .insert(accounts)
    .values({
      id: randomUUID(),
      email: link.email,
      salt: saltOf(serverSecret, link.email),
      proofHash,
      earlierHashes: [],
      createdAt: now,
      passwordChangedAt: now,
    })
    .onConflictDoNothing()
    .returning()
  if (made.length === 0) throw new ProductError('link-used')
  await consumeOtherLinks(tx, link.email, now)
}

/** Returns what must be told once the transaction is through. */
async function resetPassword(
  context: PortalContext,
  tx: Database,
  link: LinkRow,
  proofHash: string,
): Promise<() => void> {
  const now = context.clock.now()
  const account = await findAccount(tx, link.email)
  if (!account) throw new ProductError('link-unknown')
  const earlierHashes = [account.proofHash, ...account.earlierHashes].slice(0, rememberedPasswords)
  await tx.update(accounts).set({ proofHash, earlierHashes, passwordChangedAt: now }).where(eq(accounts.id, account.id))
  await consumeOtherLinks(tx, link.email, now)
  await endAllSessions(tx, account.id)
  const announceDevices = await endDevicesOf(context, tx, account.id, 'password-reset')
  await enqueue(tx, link.email, passwordChangedMessage(context.publicUrl()), now)
  return () => {
    context.bus.publish({ kind: 'session.ended', accountId: account.id, sessionId: null })
    announceDevices()
  }
}

async function wasUsed(account: AccountRow, proof: string): Promise<boolean> {
  for (const stored of [account.proofHash, ...account.earlierHashes]) {
    if (await checkProof(stored, proof)) return true
  }
  return false
}

interface Attempt {
  readonly email: string
  readonly proof: string
  readonly networkAddress: string
}

/**
 * SECURITY: two argon2 checks in every case, and a waiting sign-up answers alike whether or not the address has an account:
 * neither time nor answer tells a stranger, who can sign up with any address, which addresses are registered.
 */
async function verify({ db, clock }: PortalContext, guard: SignInGuard, attempt: Attempt): Promise<AccountRow> {
  await guard.attempt(attempt.email, attempt.networkAddress)
  const account = await findAccount(db, attempt.email)
  const waiting = await pendingSignUp(db, attempt.email, clock.now())
  const right = await checkProof(account?.proofHash, attempt.proof)
  const waits = await checkProof(waiting?.proofHash ?? undefined, attempt.proof)
  if (!account || !right) throw new ProductError(waits ? 'not-activated' : 'wrong-credentials')
  await guard.succeeded(attempt.email, attempt.networkAddress)
  return account
}

async function findAccount(tx: Database, email: string): Promise<AccountRow | undefined> {
  const [row] = await tx.select().from(accounts).where(eq(accounts.email, email))
  return row
}
