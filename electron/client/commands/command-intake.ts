// Decides whether an offered command is taken: for this computer, not expired, not seen before. Pure but for the book,
// which is written before the portal gets its answer.
import type { CommandEnvelope } from '#shared/domain/command.ts'
import type { OfferAnswer } from '../cloud/connection.ts'
import type { CommandBook } from './command-book.ts'

export interface OfferContext {
  /** This computer in the account; null while there is none. */
  readonly deviceId: string | null
  /** The later of both clocks. */
  readonly latestNow: number
}

/** Throws when it cannot be written down: the portal offers it again. */
export async function answerOffer(
  book: CommandBook,
  envelope: CommandEnvelope,
  context: OfferContext,
): Promise<OfferAnswer> {
  if (envelope.deviceId !== context.deviceId) return { kind: 'refused', code: 'wrong-device' }
  if (book.get(envelope.id)) return { kind: 'duplicate' }
  if (Date.parse(envelope.expiresAt) <= context.latestNow) return { kind: 'refused', code: 'command-expired' }
  return { kind: (await book.accept(envelope)) ? 'accepted' : 'duplicate' }
}
