// A real SMTP server on loopback that keeps what it is given.
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface MailServer {
  readonly url: string
  readonly port: number
  readonly received: ParsedMail[]
  /** Called for every recipient that is asked for. */
  onRecipient(listener: (address: string) => void): void
  /** The newest message to an address, waited for. */
  next(to: string): Promise<ParsedMail>
  close(): Promise<void>
}

/** `refuse` answers recipients with this SMTP status instead of taking the message. */
export async function startMailServer(port = 0, refuse?: number): Promise<MailServer> {
  const received: ParsedMail[] = []
  let onRecipient: (address: string) => void = () => undefined
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      onRecipient(address)
      done(refuse === undefined ? null : Object.assign(new Error('refused'), { responseCode: refuse }))
    },
    onData: (stream, _session, done) => {
      simpleParser(stream).then((mail) => {
        received.push(mail)
        done()
      }, done)
    },
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const bound = server.server.address()
  const actual = bound !== null && typeof bound === 'object' ? bound.port : 0
  const taken = new Set<ParsedMail>()
  return {
    url: `smtp://127.0.0.1:${actual}`,
    port: actual,
    received,
    onRecipient: (listener) => {
      onRecipient = listener
    },
    next: async (to) => {
      for (let tries = 0; tries < 250; tries += 1) {
        const mail = received.find((entry) => !taken.has(entry) && addressOf(entry) === to)
        if (mail) {
          taken.add(mail)
          return mail
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      throw new Error(`no mail to ${to}`)
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

export function addressOf(mail: ParsedMail): string | undefined {
  const to = Array.isArray(mail.to) ? mail.to[0] : mail.to
  return to?.value[0]?.address
}

/** Token of the link in a message. */
export function tokenIn(mail: Pick<ParsedMail, 'text'>): string {
  const token = /token=([A-Za-z0-9_-]{43})/.exec(mail.text ?? '')?.[1]
  if (!token) throw new Error('no link in the message')
  return token
}
