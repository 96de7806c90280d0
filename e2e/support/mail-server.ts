// A real SMTP server on loopback that keeps what it receives, so that a test reads the mail a person would get.
import { simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  readonly to: string
  readonly subject: string
  readonly text: string
}

export interface MailServer {
  readonly url: string
  readonly received: readonly ReceivedMail[]
  /** Waits for the next mail to an address after `since` mails. */
  waitFor(to: string, since?: number): Promise<ReceivedMail>
  close(): Promise<void>
}

const withinMs = 60_000

export async function startMailServer(): Promise<MailServer> {
  const received: ReceivedMail[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      simpleParser(stream)
        .then((mail) => {
          const to = session.envelope.rcptTo.map((recipient) => recipient.address).join(', ')
          received.push({ to, subject: mail.subject ?? '', text: mail.text ?? '' })
          done()
        })
        .catch(done)
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('the mail server has no port')
  const waitFor = async (to: string, since = 0): Promise<ReceivedMail> => {
    const end = Date.now() + withinMs
    for (;;) {
      const mail = received.slice(since).find((candidate) => candidate.to === to)
      if (mail) return mail
      if (Date.now() > end) throw new Error(`no mail to ${to} within ${withinMs} ms`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    waitFor,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

/** The first link to the portal in a mail. */
export function linkIn(mail: ReceivedMail): string {
  const link = /https?:\/\/\S+token=[A-Za-z0-9_-]+/.exec(mail.text)?.[0]
  if (!link) throw new Error(`no link in the mail:\n${mail.text}`)
  return link
}
