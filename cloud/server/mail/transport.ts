// Ways a message leaves the portal: SMTP, or files in the outbox folder when no mail server is set. Owns the two
// transports and the one question the worker asks of a failure: is it worth trying again.
import { mkdirSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import nodemailer from 'nodemailer'
import type { OutboxRow } from './outbox.ts'

export interface MailTransport {
  /** Throws when the message was not taken. */
  send(row: OutboxRow): Promise<void>
  close(): void
}

/** SMTP, for instance `smtp://user:password@mail.example.com:587`. */
export function smtpTransport(url: string, from: string): MailTransport {
  const transporter = nodemailer.createTransport(url, { from })
  return {
    send: async (row) => {
      await transporter.sendMail(fields(row))
    },
    close: () => transporter.close(),
  }
}

/** One `.eml` file a message, readable by the portal's own user alone. */
export function fileTransport(folder: string, from: string): MailTransport {
  const transporter = nodemailer.createTransport({ streamTransport: true, buffer: true, newline: 'unix' }, { from })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    send: async (row) => {
      const { message } = await transporter.sendMail({ ...fields(row), textEncoding: 'quoted-printable' })
      const name = `${row.createdAt.toISOString().replaceAll(':', '-')}-${row.id}.eml`
      const temporary = path.join(folder, `.${name}.part`)
      await writeFile(temporary, message as Buffer, { mode: 0o600 })
      await rename(temporary, path.join(folder, name))
    },
    close: () => transporter.close(),
  }
}

/** Keeps messages nowhere: a portal without a data folder and without a mail server (tests). */
export const nowhere: MailTransport = { send: () => Promise.resolve(), close: () => undefined }

function fields(row: OutboxRow) {
  return {
    to: row.recipient,
    subject: row.subject,
    text: row.text,
    html: row.html,
    // Stays the same over retries, so that a message that was taken after all is recognised.
    messageId: `<${row.id}@remote-protection>`,
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** A refusal by the mail server (5xx) is final; a missing server, a timeout and 4xx are not. */
export function isFinalFailure(error: unknown): boolean {
  const code = (error as { responseCode?: unknown } | null)?.responseCode
  return typeof code === 'number' && code >= 500
}

/** What may be logged of a failure: codes only, because server replies repeat addresses. */
export function failureCode(error: unknown): string {
  const { code, responseCode } = (error ?? {}) as { code?: unknown; responseCode?: unknown }
  return [code, responseCode].filter((part) => part !== undefined).join(' ') || 'unknown'
}
