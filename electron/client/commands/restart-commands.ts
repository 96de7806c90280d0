// The remote commands about a restart of this computer: asking the person here, and taking that back. Owns how each ends;
// never restarts anything itself.
import type { CloudLink } from '../cloud/cloud-link.ts'
import type { RestartService } from '../restart/restart-service.ts'
import type { CommandBook } from './command-book.ts'
import { type CommandEnd, cancelled, done, type EnvelopeOf, expiredEnd, failed } from './command-ends.ts'

export interface RestartCommandDeps {
  readonly book: CommandBook
  readonly restarts: Pick<RestartService, 'ask' | 'withdraw' | 'isGranted'>
  readonly link: Pick<CloudLink, 'latestNow'>
  /** Tells the portal that it runs. */
  readonly running: (envelope: EnvelopeOf<'device.restart'>) => Promise<void>
  readonly skewMs: () => number
}

/** Waits for the person, over every end of the app, until the command expires or is taken back. */
export async function askToRestart(
  envelope: EnvelopeOf<'device.restart'>,
  { book, restarts, link, running, skewMs }: RestartCommandDeps,
): Promise<CommandEnd> {
  const { id, issuedBy, issuedAt, expiresAt } = envelope
  if (book.get(id)?.attempts === 0) await book.attempt(id)
  await running(envelope)
  // Taken back before anybody was asked.
  const stopBy = book.get(id)?.stopBy
  if (stopBy) return cancelled(stopBy)
  const isExpired = () => Date.parse(expiresAt) <= link.latestNow()
  const end = await restarts.ask({ commandId: id, account: issuedBy, askedAt: issuedAt, isExpired })
  switch (end.kind) {
    case 'restarted':
      return done({ restartedAt: end.at })
    case 'declined':
      return failed('declined')
    case 'withdrawn':
      return cancelled(book.get(id)?.stopBy ?? 'device')
    case 'expired':
      return expiredEnd(skewMs())
  }
}

/** Ends as `not-cancellable` once the person has agreed. */
export async function cancelRestart(
  { args }: EnvelopeOf<'restart.cancel'>,
  { book, restarts }: Pick<RestartCommandDeps, 'book' | 'restarts'>,
): Promise<CommandEnd> {
  const target = book.get(args.commandId)
  if (!target || target.ended || target.envelope.kind !== 'device.restart') return failed('not-found')
  if (restarts.isGranted(args.commandId)) return failed('not-cancellable')
  // Both in one turn: while it is written down the person could still agree.
  const written = book.stop(args.commandId, 'portal')
  restarts.withdraw(args.commandId)
  await written
  return done({})
}
