// Mails with attachments, the way mail programs write them, and mailboxes of such mails. Used by tests only.

export interface MadePart {
  readonly name?: string
  readonly type?: string
  readonly content: Buffer
  /** Default: base64. */
  readonly encoding?: 'base64' | '8bit'
  /** More header fields of the part. */
  readonly fields?: readonly string[]
}

export interface MadeMail {
  readonly parts: readonly MadePart[]
  readonly subject?: string
  readonly eol?: '\n' | '\r\n' | '\r'
  /** Of the mail itself. */
  readonly fields?: readonly string[]
  readonly type?: string
  readonly boundary?: string
}

/** The part from its first header field on, up to the boundary behind it. */
export function partText({ name, type, content, encoding = 'base64', fields = [] }: MadePart, eol: string): string {
  const lines = [
    `Content-Type: ${type ?? 'application/octet-stream'}${name === undefined ? '' : `; name="${name}"`}`,
    ...fields,
    `Content-Transfer-Encoding: ${encoding}`,
    ...(name === undefined ? [] : [`Content-Disposition: attachment;${eol}\tfilename="${name}"`]),
    '',
  ]
  const text =
    encoding === 'base64' ? content.toString('base64').replace(/.{76}(?=.)/g, `$&${eol}`) : content.toString('latin1')
  return lines.join(eol) + eol + text + eol
}

/** A mail of several parts. */
export function makeMail(mail: MadeMail): Buffer {
  const { parts, subject = 'hello', eol = '\r\n', fields = [], boundary = 'b1', type = 'multipart/mixed' } = mail
  const head = [
    'Return-Path: <anna@example.org>',
    'Received: from a by b; Mon, 5 Jan 2026 10:00:00 +0000',
    `Subject: ${subject}`,
    'MIME-Version: 1.0',
    ...fields,
    `Content-Type: ${type}; boundary="${boundary}"`,
    '',
    'This is a multi-part message.',
  ].join(eol)
  const body = parts.map((part) => `${eol}--${boundary}${eol}${partText(part, eol)}`).join('')
  return Buffer.from(`${head}${eol}${body}--${boundary}--${eol}`, 'latin1')
}

export const textPart: MadePart = { type: 'text/plain', encoding: '8bit', content: Buffer.from('Dear all, see below.') }

/** Mails one after the other, each behind its line, with an empty line after it. */
export function makeMailbox(mails: readonly Buffer[]): Buffer {
  const line = Buffer.from('From anna@example.org Mon Jan  5 10:00:00 2026\n')
  return Buffer.concat(mails.flatMap((mail) => [line, mail, Buffer.from('\n')]))
}
