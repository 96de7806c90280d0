// Sends what the outbox holds: at once when woken, again after a failure with growing pauses, until it is taken, refused for
// good, or older than its links. Owns the sending loop.

import { linkLifetimeMs } from '../accounts/links.ts'
import { plus } from '../clock.ts'
import type { PortalContext } from '../context.ts'
import { maskEmail } from '../log.ts'
import { claimDue, finish, type OutboxRow, postpone } from './outbox.ts'
import { failureCode, isFinalFailure, type MailTransport } from './transport.ts'

const leaseMs = 120_000
const firstRetryMs = 5_000
const longestRetryMs = 15 * 60_000
/** Also looks without being woken, for retries that are due. */
const lookEveryMs = 5_000

export interface MailWorker {
  /** There may be something to send. */
  wake(): void
  stop(): Promise<void>
}

export function startMailWorker(context: PortalContext, transport: MailTransport): MailWorker {
  const { clock, log } = context
  let stopped = false
  let again = false
  let running: Promise<void> | undefined
  let cancel = clock.after(lookEveryMs, look)

  function look(): void {
    wake()
    if (!stopped) cancel = clock.after(lookEveryMs, look)
  }

  function wake(): void {
    again = true
    if (stopped || running !== undefined) return
    running = loop()
      .catch((error: unknown) => log.error({ err: error }, 'mail outbox could not be read'))
      .finally(() => {
        running = undefined
        if (again && !stopped) wake()
      })
  }

  async function loop(): Promise<void> {
    while (again && !stopped) {
      again = false
      const due = await claimDue(context.db, clock.now(), leaseMs)
      for (const row of due) await sendOne(context, transport, row)
      if (due.length > 0) again = true
    }
  }

  return {
    wake,
    stop: async () => {
      stopped = true
      cancel()
      await running
      transport.close()
    },
  }
}

async function sendOne({ db, clock, log }: PortalContext, transport: MailTransport, row: OutboxRow): Promise<void> {
  const about = { mail: row.id, to: maskEmail(row.recipient) }
  try {
    await transport.send(row)
    await finish(db, row.id, 'sent', null)
    log.info(about, 'mail sent')
  } catch (error) {
    const code = failureCode(error)
    const tooOld = plus(row.createdAt, linkLifetimeMs) <= clock.now()
    if (isFinalFailure(error) || tooOld) {
      await finish(db, row.id, 'failed', code)
      log.error({ ...about, code }, 'mail was not accepted')
      return
    }
    const pause = Math.min(firstRetryMs * 2 ** Math.min(row.attempts, 12), longestRetryMs)
    await postpone(db, row, plus(clock.now(), pause), code)
    log.warn({ ...about, code, pause }, 'mail could not be sent, will be tried again')
  }
}
