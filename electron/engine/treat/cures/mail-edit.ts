// Changes of single places in a mail: a part or a piece of a text becomes a notice. Owns line ends and header fields.
// Never changes a byte outside of the places it is given.
import { hasLoneReturns } from '../../identify/line-ends.ts'
import type { MimePart } from '../../unpack/mail/mime.ts'
import { type MailNotice, noticeFields, noticeLines } from './mail-notice.ts'

export interface Edit {
  readonly from: number
  readonly to: number
  readonly text: Buffer
}

export type LineEnd = '\n' | '\r\n' | '\r'

export interface NoticeForm {
  readonly notice: MailNotice
  readonly eol: LineEnd
}

/** As the mail's first line ends. */
export function lineEndOf(mail: Buffer): LineEnd {
  if (hasLoneReturns(mail)) return '\r'
  const end = mail.indexOf(0x0a)
  return end > 0 && mail[end - 1] === 0x0d ? '\r\n' : '\n'
}

/** A notice in the place of a piece of a text; the line ends behind it stay. */
export function noticeEdit(
  mail: Buffer,
  { from, to }: { readonly from: number; readonly to: number },
  { notice, eol }: NoticeForm,
): Edit {
  return { from, to: withoutLineEnds(mail, from, to), text: Buffer.from(noticeLines(notice).join(eol), 'latin1') }
}

/** A notice in the place of a part. Header fields that say nothing of its content stay, and so do its last line ends. */
export function partEdit(mail: Buffer, part: MimePart, { notice, eol }: NoticeForm): Edit {
  const header = mail.toString('latin1', part.headerAt, part.bodyAt)
  const fields = header.split(/(?<=\n|\r(?!\n))(?![ \t])/).filter((field) => isOtherField(field))
  const kept = fields.map((field) => (/[\r\n]$/.test(field) ? field : field + eol)).join('')
  const to = withoutLineEnds(mail, part.bodyAt, part.end)
  const text = [...noticeFields, '', ...noticeLines(notice)].join(eol) + (to === part.end ? eol : '')
  return { from: part.headerAt, to, text: Buffer.from(kept + text, 'latin1') }
}

function withoutLineEnds(mail: Buffer, from: number, to: number): number {
  let end = to
  while (end > from && (mail[end - 1] === 0x0a || mail[end - 1] === 0x0d)) end -= 1
  return end
}

function isOtherField(field: string): boolean {
  return /^[!-9;-~]+[ \t]*:/.test(field) && !/^content-/i.test(field)
}

/** Of two edits in one place the wider one counts. */
export function withEdits(mail: Buffer, edits: readonly Edit[]): Buffer {
  const pieces: Buffer[] = []
  let reached = 0
  for (const { from, to, text } of [...edits].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (from < reached) continue
    pieces.push(mail.subarray(reached, from), text)
    reached = to
  }
  return Buffer.concat([...pieces, mail.subarray(reached)])
}

/** The empty line that ends a mail in a mailbox, where `before` had one: the next mail begins behind it. */
export function withGap(mail: Buffer, before: Buffer): Buffer {
  if (!endsEmpty(before) || endsEmpty(mail)) return mail
  const eol = lineEndOf(before)
  return Buffer.concat([
    mail,
    Buffer.from(/[\r\n]$/.test(mail.toString('latin1', Math.max(0, mail.length - 1))) ? eol : eol + eol),
  ])
}

function endsEmpty(mail: Buffer): boolean {
  return /(?:\n\r?\n|\r\r)$/.test(mail.toString('latin1', Math.max(0, mail.length - 3)))
}

/** Some mailboxes say in each mail how long its body is: that has to stay true. `before`: the mail as it was. */
export function withLength(mail: Buffer, before: Buffer, { headerAt, bodyAt }: MimePart): Buffer {
  const header = before.toString('latin1', headerAt, bodyAt)
  const field = /^content-length[ \t]*:[ \t]*(\d{1,12})/im.exec(header)
  // When the header itself was changed the field went with it.
  if (field === null || !mail.subarray(0, bodyAt).equals(before.subarray(0, bodyAt))) return mail
  const length = Math.max(0, Number(field[1]) + mail.length - before.length)
  const at = headerAt + field.index + field[0].length - (field[1]?.length ?? 0)
  const digits = { from: at, to: headerAt + field.index + field[0].length, text: Buffer.from(`${length}`) }
  return withEdits(mail, [digits])
}
